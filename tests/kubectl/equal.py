"""Commands that the built-in kubectl and the real one answer alike, by what they are about; each group has worlds of its own."""

from __future__ import annotations

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: nginx
        image: nginx:1.24
        ports: [{containerPort: 80}]
        env: [{name: MODE, value: fast}]
        resources: {requests: {cpu: 100m, memory: 64Mi}}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: 80}]
"""
CONF = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: conf, labels: {tier: front}}
data: {color: blue, page.html: "<h1>hi</h1>\\n"}
"""
MORE = """\
apiVersion: batch/v1
kind: CronJob
metadata: {name: tick}
spec:
  schedule: "*/5 * * * *"
  jobTemplate: {spec: {template: {spec: {restartPolicy: OnFailure, containers: [{name: tick, image: "busybox:1"}]}}}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: q}
spec: {hard: {pods: "10"}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: p}
spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: front}
spec:
  rules: [{host: shop.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: tock}
spec:
  schedule: never
  jobTemplate: {spec: {template: {spec: {restartPolicy: OnFailure, containers: [{name: tick, image: "busybox:1"}]}}}}
"""
FILES = {
    "web.yaml": WEB,
    "web3.yaml": WEB.replace("replicas: 2", "replicas: 3").replace("nginx:1.24", "nginx:1.25"),
    "conf.yaml": CONF,
    "conf2.yaml": CONF.replace("blue", "red"),
    "all/a-web.yaml": WEB,
    "all/b-service.yaml": SERVICE,
    "all/c-conf.json": '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"more"},"data":{"a":"1"}}',
    "all/readme.txt": "nothing to apply",
    "two.yaml": CONF + "---\n" + SERVICE,
    "typo.yaml": WEB.replace("replicas:", "replicaz:"),
    "wrong-type.yaml": WEB.replace("replicas: 2", "replicas: two"),
    "no-kind.yaml": "metadata: {name: x}\n",
    "no-name.yaml": "apiVersion: v1\nkind: ConfigMap\n",
    "broken.yaml": "apiVersion: v1\nkind: ConfigMap\n  metadata: {name: x}\n",
    "unknown.yaml": "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\n",
    "elsewhere.yaml": CONF.replace("name: conf", "name: conf, namespace: nowhere"),
    "invalid.yaml": WEB.replace("app: web}}\n  template", "app: other}}\n  template"),
    "pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: lone}\nspec: {containers: [{name: c, image: 'nginx:1.24'}]}\n",
    "more.yaml": MORE,
    "patch.yaml": "spec: {replicas: 4}\n",
    "empty.yaml": "",
    "env.txt": "A=1\nB=two\n",
}
GROUPS = {
    "apply": """
        kubectl apply -f web.yaml
        kubectl apply -f web.yaml
        kubectl apply -f web3.yaml --dry-run=server
        kubectl apply -f web3.yaml --dry-run=client
        kubectl diff -f web3.yaml
        kubectl diff -f web.yaml
        kubectl apply -f web3.yaml
        kubectl apply -f all
        kubectl apply -f all/ -o name
        kubectl apply -f two.yaml
        kubectl apply -f conf.yaml -o yaml
        kubectl apply -f conf2.yaml -o json
        kubectl apply -f - < conf.yaml
        kubectl apply -f typo.yaml
        kubectl apply -f typo.yaml --validate=warn --dry-run=server
        kubectl apply -f wrong-type.yaml
        kubectl apply -f no-kind.yaml
        kubectl apply -f no-name.yaml
        kubectl apply -f broken.yaml
        kubectl apply -f unknown.yaml
        kubectl apply -f elsewhere.yaml
        kubectl apply -f elsewhere.yaml -n default
        kubectl apply -f invalid.yaml
        kubectl apply -f nothing.yaml
        kubectl apply -f empty.yaml
        kubectl apply
        kubectl apply -f web.yaml --prune
        kubectl apply -f web.yaml --frobnicate
        kubectl apply -f web.yaml -o frob
        kubectl apply view-last-applied deployment web
        kubectl apply --server-side -f conf.yaml
        kubectl apply --server-side -f conf.yaml --force-conflicts
        kubectl apply --server-side --field-manager=ben -f conf2.yaml
        kubectl get configmap conf -o yaml --show-managed-fields
        kubectl get deployment web -o yaml
        kubectl get deployment web -o json
    """,
    "get": """
        kubectl apply -f all
        kubectl run lone --image=nginx:1.24
        kubectl create deployment broken --image=broken:1
        kubectl get all
        kubectl get deployments
        kubectl get deployments -o wide
        kubectl get pods
        kubectl get pods -o wide
        kubectl get pods --show-labels
        kubectl get pods -l app=web -o name
        kubectl get pods -l 'app in (web,broken),app!=broken'
        kubectl get pods -l 'app in'
        kubectl get pods --field-selector=status.phase=Running -o name
        kubectl get pods --field-selector=spec.frob=1
        kubectl get pods -A
        kubectl get rs,svc
        kubectl get deployment/web service/web
        kubectl get deployment web none
        kubectl get deployment none
        kubectl get frobs
        kubectl get
        kubectl get pods -n nowhere
        kubectl get nodes
        kubectl get nodes -o wide
        kubectl get namespaces
        kubectl get endpoints,endpointslices
        kubectl get serviceaccounts
        kubectl get events --sort-by=.metadata.name
        kubectl get events --field-selector=reason=ScalingReplicaSet
        kubectl events
        kubectl events --for deployment/web
        kubectl get deployments --sort-by=.metadata.name
        kubectl get deployments --sort-by={.spec.replicas} --no-headers
        kubectl get deployments -L app
        kubectl get pods -o jsonpath='{range .items[*]}{.metadata.name}{"\\t"}{.status.phase}{"\\n"}{end}'
        kubectl get pods -o jsonpath='{.items[?(@.status.phase=="Running")].metadata.name}'
        kubectl get pods -o jsonpath='{.items[99]'
        kubectl get deployments -o custom-columns=NAME:.metadata.name,IMAGE:.spec.template.spec.containers[*].image
        kubectl get deployments -o go-template='{{range .items}}{{.metadata.name}} {{end}}'
        kubectl get deployment web -o yaml
        kubectl get pods -o yaml
        kubectl get services -o json
        kubectl get deployment web --subresource=status -o jsonpath={.status.readyReplicas}
        kubectl get configmaps --chunk-size=1
        kubectl get -f all/b-service.yaml
        kubectl get deployments.v1.apps web
        kubectl get deploy,po,svc,cm,sa -o name
        kubectl get pods web
        kubectl get pods --watch=false --ignore-not-found none
        kubectl get deployments --show-kind -o wide
        kubectl get deployments -o frob
        kubectl logs lone
        kubectl logs none
        kubectl api-resources --api-group=apps
        kubectl config current-context
        kubectl config get-contexts
        kubectl top pods
        kubectl frobnicate
        kubectl gt pods
    """,
    "describe": """
        kubectl apply -f all
        kubectl run lone --image=nginx:1.24 --labels=a=b --env=X=1
        kubectl create deployment broken --image=broken:1
        kubectl create secret generic pass --from-literal=word=sesame
        kubectl describe deployment web
        kubectl describe rs -l app=web
        kubectl describe pods -l app=web
        kubectl describe pod lone
        kubectl describe deployment broken
        kubectl describe pods -l app=broken
        kubectl describe service web
        kubectl describe configmap more
        kubectl describe secret pass
        kubectl describe node
        kubectl describe namespace default
        kubectl describe serviceaccount default
        kubectl describe deployment none
        kubectl describe deployment we
        kubectl describe frob x
        kubectl describe
        kubectl describe deployments,services
        kubectl describe -f all/b-service.yaml
        kubectl explain deployment.spec.replicas
        kubectl explain deployment.spec.frob
        kubectl explain frob
    """,
    "change": """
        kubectl create deployment web --image=nginx:1.24 --replicas=2
        kubectl create deployment web --image=nginx:1.24
        kubectl create deployment web
        kubectl scale deployment web --replicas=4
        kubectl scale deployment web --replicas=3 --current-replicas=9
        kubectl scale deployment none --replicas=3
        kubectl scale deployment web
        kubectl get deployment web
        kubectl set image deployment/web nginx=nginx:1.25
        kubectl rollout status deployment/web --watch=false
        kubectl get rs
        kubectl rollout history deployment/web
        kubectl rollout history deployment/web --revision=2
        kubectl rollout undo deployment/web
        kubectl rollout undo deployment/web --to-revision=9
        kubectl rollout pause deployment/web
        kubectl rollout pause deployment/web
        kubectl rollout resume deployment/web
        kubectl rollout history deployment/web
        kubectl rollout status deployment/none
        kubectl set image deployment/web frob=nginx:1.25
        kubectl set env deployment/web MODE=slow
        kubectl set env deployment/web --list
        kubectl set resources deployment web --limits=cpu=200m,memory=128Mi
        kubectl set serviceaccount deployment web default
        kubectl label deployment web tier=front
        kubectl label deployment web tier=back
        kubectl label deployment web tier=back --overwrite
        kubectl label deployment web tier-
        kubectl label deployment web 'bad value=x y'
        kubectl annotate deployment web note=hello
        kubectl annotate deployment web note-
        kubectl patch deployment web -p '{"spec":{"replicas":5}}'
        kubectl patch deployment web -p '{"spec":{"replicas":5}}'
        kubectl patch deployment web --type=merge --patch-file=patch.yaml
        kubectl patch deployment web --type=json -p '[{"op":"replace","path":"/spec/replicas","value":1}]'
        kubectl patch deployment web --type=json -p '[{"op":"remove","path":"/spec/frob"}]'
        kubectl patch deployment web -p '{"spec":{"replicas":"x"}}'
        kubectl patch deployment web -p 'frob'
        kubectl patch deployment none -p '{"spec":{"replicas":5}}'
        kubectl patch deployment web --subresource=scale --type=merge -p '{"spec":{"replicas":2}}'
        kubectl expose deployment web --port=80 --target-port=8080
        kubectl expose deployment web --port=80
        kubectl expose deployment none --port=80
        kubectl get services
        kubectl autoscale deployment web --max=3 --dry-run=client -o yaml
        kubectl autoscale deployment web --min=2 --max=3 --cpu=80%
        kubectl autoscale deployment web --max=3
        kubectl autoscale deployment web
        kubectl get hpa
        kubectl get deployment web -o yaml
        kubectl get deployment web -o yaml --show-managed-fields
        kubectl rollout restart deployment/web
    """,
    "create": """
        kubectl create namespace shop
        kubectl create namespace shop
        kubectl create namespace Shop
        kubectl create configmap c --from-literal=a=1 --from-literal=b=two
        kubectl create configmap e --from-env-file=env.txt
        kubectl create configmap f --from-file=env.txt -o yaml
        kubectl create configmap c --from-literal=a=1
        kubectl create configmap d --from-literal=a
        kubectl create secret generic s --from-literal=a=1
        kubectl create serviceaccount robot
        kubectl create role reader --verb=get,list --resource=pods,deployments.apps
        kubectl create role reader2 --verb=get --resource=frobs
        kubectl create rolebinding readers --role=reader --serviceaccount=default:robot
        kubectl create clusterrole lister --verb=list --resource=nodes
        kubectl create clusterrolebinding listers --clusterrole=lister --user=ben
        kubectl create job once --image=busybox:1 -- true
        kubectl create -f more.yaml
        kubectl describe ingress front
        kubectl describe pdb p
        kubectl create deployment d --image=nginx:1.24 --dry-run=client -o yaml
        kubectl create deployment d --image=nginx:1.24 --dry-run=server -o yaml
        kubectl create -f two.yaml
        kubectl create -f two.yaml
        kubectl create -f all -o name
        kubectl create token robot --duration=frob
        kubectl create
        kubectl create frob x
        kubectl run one --image=nginx:1.24 --port=80
        kubectl run one --image=nginx:1.24
        kubectl run two
        kubectl run Two --image=nginx:1.24
        kubectl auth can-i create deployments
        kubectl auth can-i get pods --as=system:serviceaccount:default:robot
        kubectl auth can-i delete pods --as=system:serviceaccount:default:robot
        kubectl auth can-i --list --as=system:serviceaccount:default:robot
        kubectl auth whoami
        kubectl get secrets --as=system:serviceaccount:default:robot
        kubectl delete pod one --as=ben
        kubectl get roles,rolebindings
        kubectl describe role reader
        kubectl describe rolebinding readers
        kubectl get clusterroles
        kubectl get jobs,cronjobs,ingresses,quota,pdb,services,secrets
        kubectl describe cronjob tick
        kubectl describe job once
        kubectl describe quota q
        kubectl replace -f conf2.yaml
        kubectl replace -f web.yaml
        kubectl get configmap conf -o jsonpath='{.data}'
    """,
    "generate": """
        kubectl create service clusterip s1 --tcp=80:8080
        kubectl create service clusterip s1 --tcp=80:8080
        kubectl create service clusterip two --tcp=80 --tcp=443:https -o yaml
        kubectl create service clusterip headless --clusterip=None
        kubectl create service clusterip none
        kubectl create service clusterip bad --tcp=frob
        kubectl create service clusterip bad --tcp=80:70000
        kubectl create service nodeport s2 --tcp=80 --node-port=30080
        kubectl create service nodeport s2 --tcp=80
        kubectl create service loadbalancer s3 --tcp=80
        kubectl create service externalname s4 --external-name=example.com
        kubectl create service externalname s5
        kubectl create service externalname s4 --external-name=example.com
        kubectl get services
        kubectl create quota q --hard=pods=10,cpu=1 --scopes=BestEffort
        kubectl create quota q2 --hard=pods=10,requests.cpu=1
        kubectl create quota q2 --hard=pods=10
        kubectl create quota q3 --hard=pods
        kubectl create quota q4 -o yaml
        kubectl create pdb p --selector=app=web --min-available=1
        kubectl create pdb p --selector=app=web --min-available=1
        kubectl create poddisruptionbudget p2 --selector=app=web,tier=front --max-unavailable=50% -o yaml
        kubectl create pdb p3 --min-available=1
        kubectl create pdb p3 --selector=app=web
        kubectl create pdb p3 --selector=app=web --min-available=1 --max-unavailable=1
        kubectl create priorityclass high --value=1000 --description='for what matters' --global-default
        kubectl create priorityclass high --value=1000
        kubectl create priorityclass low --value=1 --preemption-policy=Never -o yaml
        kubectl get priorityclasses
        kubectl create cronjob tick --image=busybox:1 --schedule='*/5 * * * *' -- date now
        kubectl create cronjob tick --image=busybox:1 --schedule='*/5 * * * *'
        kubectl create cronjob tock --image=busybox:1 --schedule=never
        kubectl create cronjob tock --image=busybox:1 --schedule=@daily --restart=Never --dry-run=client -o yaml
        kubectl create cronjob tock --image=busybox:1
        kubectl create cronjob tock --schedule=@daily
        kubectl create ingress front --rule=shop.example/=web:80
        kubectl create ingress front --rule=shop.example/=web:80
        kubectl create ingress big --rule=shop.example/=web:80 --rule='shop.example/api*=api:http,tls=sec' --rule=/=x:1 -o yaml
        kubectl create ingress rest --default-backend=web:80 --class=nginx --annotation=a=b -o yaml
        kubectl create ingress bad --rule=frob
        kubectl create ingress bad --default-backend=frob
        kubectl create ingress bad
        kubectl get cronjobs,ingresses,quota,pdb
        kubectl describe ingress big
        kubectl describe cronjob tick
        kubectl describe quota q2
    """,
    "delete": """
        kubectl apply -f all
        kubectl apply -f two.yaml
        kubectl create configmap a
        kubectl create configmap b
        kubectl delete configmap a
        kubectl delete configmap a
        kubectl delete configmap a --ignore-not-found
        kubectl delete configmap a b
        kubectl delete configmap -l tier=front --dry-run=server
        kubectl delete -f two.yaml
        kubectl delete -f two.yaml
        kubectl delete deployment web --cascade=orphan
        kubectl get rs
        kubectl delete rs -l app=web --wait=false
        kubectl get pods
        kubectl delete pods --all --wait=false
        kubectl delete deployment
        kubectl delete
        kubectl delete frob x
        kubectl delete deployment none --now
        kubectl delete configmap --all -o name
        kubectl delete namespace shop
        kubectl delete service web kubernetes --dry-run=client
        kubectl wait --for=delete configmap/none --timeout=1s
        kubectl wait --for=condition=Ready pod/none --timeout=1s
        kubectl wait --for=frob pod/none
        kubectl wait pod/none
        kubectl get all
    """,
}


def commands(group: str) -> list[tuple[str, str]]:
    """The command lines of a group, each with its standard input: a file after ``<``."""
    parted = (line.strip().partition(" < ") for line in GROUPS[group].strip().splitlines())
    return [(line, FILES[file] if file else "") for line, _, file in parted]
