"""What learners and instructors do: exercises, quiz, progress, submissions, grading."""
