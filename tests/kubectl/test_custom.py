"""kubectl and custom resources: columns, scale, categories, versions."""

from __future__ import annotations

import pytest

from tests.kubectl.stage import Stage

DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: crontabs.stable.example.com}
spec:
  group: stable.example.com
  scope: Namespaced
  names: {plural: crontabs, singular: crontab, kind: CronTab, shortNames: [ct], categories: [all, jobs-of-ours]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources:
      status: {}
      scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas, labelSelectorPath: .status.labelSelector}
    additionalPrinterColumns:
    - {name: Spec, type: string, jsonPath: .spec.cronSpec}
    - {name: Replicas, type: integer, jsonPath: .spec.replicas}
    - {name: Image, type: string, jsonPath: .spec.image, priority: 1}
    - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            required: [cronSpec]
            properties:
              cronSpec: {type: string, pattern: '^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$'}
              image: {type: string, default: cron:1}
              replicas: {type: integer, default: 1, minimum: 1, maximum: 10}
          status:
            type: object
            properties: {replicas: {type: integer}, labelSelector: {type: string}}
"""
TAB = 'apiVersion: stable.example.com/v1\nkind: CronTab\nmetadata: {name: tab}\nspec: {cronSpec: "* * * * */5"}\n'


@pytest.fixture
def stage() -> Stage:
    made = Stage({"crd.yaml": DEFINITION, "tab.yaml": TAB})
    made.ok("apply -f crd.yaml")
    assert made.ok("apply -f tab.yaml") == "crontab.stable.example.com/tab created\n"
    return made


def test_the_columns_are_those_of_the_definition(stage: Stage) -> None:
    assert stage.ok("get ct") == "NAME   SPEC          REPLICAS   AGE\ntab    * * * * */5   1          0s\n"
    assert stage.ok("get crontab tab -o wide").splitlines()[0].split() == ["NAME", "SPEC", "REPLICAS", "IMAGE", "AGE"]


def test_its_scale_is_its_own(stage: Stage) -> None:
    assert stage.ok("scale ct tab --replicas=3") == "crontab.stable.example.com/tab scaled\n"
    assert stage.ok("get ct tab -o jsonpath={.spec.replicas}") == "3"
    assert stage.ok("get ct tab --subresource=scale -o jsonpath={.spec.replicas}") == "3"
    refused = "spec.replicas: Invalid value: 30: spec.replicas in body should be less than or equal to 10"
    assert stage.error("scale ct tab --replicas=30") == f'The CronTab "tab" is invalid: {refused}\n'


def test_it_is_in_its_categories(stage: Stage) -> None:
    assert "crontab.stable.example.com/tab" in stage.ok("get all -o name")
    assert stage.ok("get jobs-of-ours -o name") == "crontab.stable.example.com/tab\n"


def test_a_spoilt_manifest_is_refused_in_the_words_of_the_server(stage: Stage) -> None:
    stage.files["bad.yaml"] = TAB.replace("* * * * */5", "daily")
    assert "spec.cronSpec in body should match" in stage.error("apply -f bad.yaml")
    stage.files["bad.yaml"] = TAB.replace("spec: {", "spec: {colour: red, ")
    assert 'strict decoding error: unknown field "spec.colour"' in stage.error("apply -f bad.yaml")
    assert stage.ok("get ct tab -o jsonpath={.spec.image}") == "cron:1"


def test_nothing_is_left_when_the_definition_goes(stage: Stage) -> None:
    assert stage.ok("delete crd crontabs.stable.example.com").startswith("customresourcedefinition.apiextensions.k8s.io ")
    assert 'the server doesn\'t have a resource type "ct"' in stage.error("get ct")
