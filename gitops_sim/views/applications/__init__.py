"""The pages of Argo CD's dashboard as data, as HTML and in words; the web page and the notebook show the same. They only read."""
