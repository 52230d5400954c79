"""Networking, access, discovery, storage, scheduling, leases, definitions and admission, in the notation of
:mod:`gitops_sim.cluster.schema`.

Source: the Go types of k8s.io/api, 1.37.
"""

TABLE = """
HTTPIngressPath: path string, pathType! *PathType, backend! IngressBackend
HTTPIngressRuleValue: paths! []HTTPIngressPath
IPBlock: cidr! string, except []string
Ingress: TypeMeta, metadata ObjectMeta, spec IngressSpec, status IngressStatus
IngressBackend: service *IngressServiceBackend, resource *TypedLocalObjectReference
IngressClass: TypeMeta, metadata ObjectMeta, spec IngressClassSpec
IngressClassParametersReference: apiGroup *string, kind! string, name! string, scope! *string, namespace *string
IngressClassSpec: controller string, parameters *IngressClassParametersReference
IngressLoadBalancerIngress: ip string, hostname string, ports []IngressPortStatus
IngressLoadBalancerStatus: ingress []IngressLoadBalancerIngress
IngressPortStatus: port! int32, protocol! Protocol, error *string
IngressRule: host string, http *HTTPIngressRuleValue
IngressServiceBackend: name! string, port ServiceBackendPort
IngressSpec: ingressClassName *string, defaultBackend *IngressBackend, tls []IngressTLS, rules []IngressRule
IngressStatus: loadBalancer IngressLoadBalancerStatus
IngressTLS: hosts []string, secretName string
NetworkPolicy: TypeMeta, metadata ObjectMeta, spec NetworkPolicySpec
NetworkPolicyEgressRule: ports []NetworkPolicyPort, to []NetworkPolicyPeer
NetworkPolicyIngressRule: ports []NetworkPolicyPort, from []NetworkPolicyPeer
NetworkPolicyPeer: podSelector *LabelSelector, namespaceSelector *LabelSelector, ipBlock *IPBlock
NetworkPolicyPort: protocol *Protocol, port *IntOrString, endPort *int32
NetworkPolicySpec: podSelector! LabelSelector, ingress []NetworkPolicyIngressRule, egress []NetworkPolicyEgressRule,
  policyTypes []PolicyType
ServiceBackendPort: name string, number int32
AggregationRule: clusterRoleSelectors []LabelSelector
ClusterRole: TypeMeta, metadata ObjectMeta, rules! []PolicyRule, aggregationRule *AggregationRule
ClusterRoleBinding: TypeMeta, metadata ObjectMeta, subjects []Subject, roleRef! RoleRef
PolicyRule: verbs! []string, apiGroups []string, resources []string, resourceNames []string, nonResourceURLs []string
Role: TypeMeta, metadata ObjectMeta, rules! []PolicyRule
RoleBinding: TypeMeta, metadata ObjectMeta, subjects []Subject, roleRef! RoleRef
RoleRef: apiGroup! string, kind! string, name! string
Subject: kind! string, apiGroup string, name! string, namespace string
Endpoint: addresses! []string, conditions EndpointConditions, hostname *string, targetRef *ObjectReference,
  deprecatedTopology {}string, nodeName *string, zone *string, hints *EndpointHints
EndpointConditions: ready *bool, serving *bool, terminating *bool
EndpointHints: forZones []ForZone, forNodes []ForNode
EndpointSlice: TypeMeta, metadata ObjectMeta, addressType! AddressType, endpoints! []Endpoint, ports! []EndpointSlicePort
EndpointSlicePort: name *string, protocol *Protocol, port *int32, appProtocol *string
ForNode: name! string
ForZone: name! string
StorageClass: TypeMeta, metadata ObjectMeta, provisioner! string, parameters {}string,
  reclaimPolicy *PersistentVolumeReclaimPolicy, mountOptions []string, allowVolumeExpansion *bool,
  volumeBindingMode *VolumeBindingMode, allowedTopologies []TopologySelectorTerm
PriorityClass: TypeMeta, metadata ObjectMeta, value! int32, globalDefault bool, description string,
  preemptionPolicy *PreemptionPolicy
Lease: TypeMeta, metadata ObjectMeta, spec LeaseSpec
LeaseSpec: holderIdentity *string, leaseDurationSeconds *int32, acquireTime *MicroTime, renewTime *MicroTime,
  leaseTransitions *int32, strategy *CoordinatedLeaseStrategy, preferredHolder *string
CustomResourceColumnDefinition: name! string, type! string, format string, description string, priority int32, jsonPath! string
CustomResourceConversion: strategy! ConversionStrategyType, webhook *any
CustomResourceDefinition: TypeMeta, metadata ObjectMeta, spec! CustomResourceDefinitionSpec,
  status CustomResourceDefinitionStatus
CustomResourceDefinitionCondition: type! string, status! ConditionStatus, lastTransitionTime Time, reason string,
  message string, observedGeneration int64
CustomResourceDefinitionNames: plural! string, singular string, shortNames []string, kind! string, listKind string,
  categories []string
CustomResourceDefinitionSpec: group! string, names! CustomResourceDefinitionNames, scope! ResourceScope,
  versions! []CustomResourceDefinitionVersion, conversion *CustomResourceConversion, preserveUnknownFields bool
CustomResourceDefinitionStatus: conditions! []CustomResourceDefinitionCondition, acceptedNames! CustomResourceDefinitionNames,
  storedVersions! []string, observedGeneration int64
CustomResourceDefinitionVersion: name! string, served! bool, storage! bool, deprecated bool, deprecationWarning *string,
  schema *CustomResourceValidation, subresources *CustomResourceSubresources,
  additionalPrinterColumns []CustomResourceColumnDefinition, selectableFields []SelectableField
CustomResourceSubresourceScale: specReplicasPath! string, statusReplicasPath! string, labelSelectorPath *string
CustomResourceSubresources: status *any, scale *CustomResourceSubresourceScale
CustomResourceValidation: openAPIV3Schema *JSONSchemaProps
ExternalDocumentation: description string, url string
JSONSchemaProps: id string, $schema string, $ref *string, description string, type string, format string, title string,
  default *any, maximum *double, exclusiveMaximum bool, minimum *double, exclusiveMinimum bool, maxLength *int64,
  minLength *int64, pattern string, maxItems *int64, minItems *int64, uniqueItems bool, multipleOf *double, enum []any,
  maxProperties *int64, minProperties *int64, required []string, items *JSONSchemaPropsOrArray, allOf []JSONSchemaProps,
  oneOf []JSONSchemaProps, anyOf []JSONSchemaProps, not *JSONSchemaProps, properties {}JSONSchemaProps,
  additionalProperties *JSONSchemaPropsOrBool, patternProperties {}JSONSchemaProps,
  dependencies {}JSONSchemaPropsOrStringArray, additionalItems *JSONSchemaPropsOrBool, definitions {}JSONSchemaProps,
  externalDocs *ExternalDocumentation, example *any, nullable bool, x-kubernetes-preserve-unknown-fields *bool,
  x-kubernetes-embedded-resource bool, x-kubernetes-int-or-string bool, x-kubernetes-list-map-keys []string,
  x-kubernetes-list-type *string, x-kubernetes-map-type *string, x-kubernetes-validations []ValidationRule
SelectableField: jsonPath! string
ValidationRule: rule! string, message string, messageExpression string, reason *string, fieldPath string,
  optionalOldSelf *bool
AuditAnnotation: key! string, valueExpression! string
ExpressionWarning: fieldRef! string, warning! string
MatchCondition: name! string, expression! string
MatchResources: namespaceSelector *LabelSelector, objectSelector *LabelSelector, resourceRules []NamedRuleWithOperations,
  excludeResourceRules []NamedRuleWithOperations, matchPolicy *MatchPolicyType
MutatingWebhook: name! string, clientConfig! WebhookClientConfig, rules []RuleWithOperations, failurePolicy *FailurePolicyType,
  matchPolicy *MatchPolicyType, namespaceSelector *LabelSelector, objectSelector *LabelSelector, sideEffects! *SideEffectClass,
  timeoutSeconds *int32, admissionReviewVersions! []string, reinvocationPolicy *ReinvocationPolicyType,
  matchConditions []MatchCondition
MutatingWebhookConfiguration: TypeMeta, metadata ObjectMeta, webhooks []MutatingWebhook
NamedRuleWithOperations: resourceNames []string, operations []OperationType, apiGroups []string, apiVersions []string,
  resources []string, scope *ScopeType
ParamKind: apiVersion string, kind string
ParamRef: name string, namespace string, selector *LabelSelector, parameterNotFoundAction *ParameterNotFoundActionType
RuleWithOperations: operations []OperationType, apiGroups []string, apiVersions []string, resources []string, scope *ScopeType
ServiceReference: namespace! string, name! string, path *string, port *int32
TypeChecking: expressionWarnings []ExpressionWarning
ValidatingAdmissionPolicy: TypeMeta, metadata ObjectMeta, spec ValidatingAdmissionPolicySpec,
  status ValidatingAdmissionPolicyStatus
ValidatingAdmissionPolicyBinding: TypeMeta, metadata ObjectMeta, spec ValidatingAdmissionPolicyBindingSpec
ValidatingAdmissionPolicyBindingSpec: policyName string, paramRef *ParamRef, matchResources *MatchResources,
  validationActions []ValidationAction
ValidatingAdmissionPolicySpec: paramKind *ParamKind, matchConstraints *MatchResources, validations []Validation,
  failurePolicy *FailurePolicyType, auditAnnotations []AuditAnnotation, matchConditions []MatchCondition, variables []Variable
ValidatingAdmissionPolicyStatus: observedGeneration int64, typeChecking *TypeChecking, conditions []Condition
ValidatingWebhook: name! string, clientConfig! WebhookClientConfig, rules []RuleWithOperations,
  failurePolicy *FailurePolicyType, matchPolicy *MatchPolicyType, namespaceSelector *LabelSelector,
  objectSelector *LabelSelector, sideEffects! *SideEffectClass, timeoutSeconds *int32, admissionReviewVersions! []string,
  matchConditions []MatchCondition
ValidatingWebhookConfiguration: TypeMeta, metadata ObjectMeta, webhooks []ValidatingWebhook
Validation: expression! string, message string, reason *StatusReason, messageExpression string
Variable: name! string, expression! string
WebhookClientConfig: url *string, service *ServiceReference, caBundle bytes
"""
