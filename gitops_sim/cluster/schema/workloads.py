"""apps/v1, batch/v1, autoscaling/v2 and policy/v1: fields and types, in the notation of :mod:`gitops_sim.cluster.schema`.

Source: the Go types of k8s.io/api, 1.37.
"""

TABLE = """
ControllerRevision: TypeMeta, metadata ObjectMeta, data! any, revision! int64
DaemonSet: TypeMeta, metadata ObjectMeta, spec DaemonSetSpec, status DaemonSetStatus
DaemonSetCondition: type! DaemonSetConditionType, status! ConditionStatus, lastTransitionTime Time, reason string,
  message string
DaemonSetSpec: selector! *LabelSelector, template! PodTemplateSpec, updateStrategy DaemonSetUpdateStrategy,
  minReadySeconds int32, revisionHistoryLimit *int32
DaemonSetStatus: currentNumberScheduled! int32, numberMisscheduled! int32, desiredNumberScheduled! int32, numberReady! int32,
  observedGeneration int64, updatedNumberScheduled int32, numberAvailable int32, numberUnavailable int32, collisionCount *int32,
  conditions []DaemonSetCondition
DaemonSetUpdateStrategy: type DaemonSetUpdateStrategyType, rollingUpdate *RollingUpdateDaemonSet
Deployment: TypeMeta, metadata ObjectMeta, spec DeploymentSpec, status DeploymentStatus
DeploymentCondition: type! DeploymentConditionType, status! ConditionStatus, lastUpdateTime Time, lastTransitionTime Time,
  reason string, message string
DeploymentSpec: replicas *int32, selector! *LabelSelector, template! PodTemplateSpec, strategy DeploymentStrategy,
  minReadySeconds int32, revisionHistoryLimit *int32, paused bool, progressDeadlineSeconds *int32
DeploymentStatus: observedGeneration int64, replicas int32, updatedReplicas int32, readyReplicas int32, availableReplicas int32,
  unavailableReplicas int32, terminatingReplicas *int32, conditions []DeploymentCondition, collisionCount *int32
DeploymentStrategy: type DeploymentStrategyType, rollingUpdate *RollingUpdateDeployment
ReplicaSet: TypeMeta, metadata ObjectMeta, spec ReplicaSetSpec, status ReplicaSetStatus
ReplicaSetCondition: type! ReplicaSetConditionType, status! ConditionStatus, lastTransitionTime Time, reason string,
  message string
ReplicaSetSpec: replicas *int32, minReadySeconds int32, selector! *LabelSelector, template PodTemplateSpec
ReplicaSetStatus: replicas! int32, fullyLabeledReplicas int32, readyReplicas int32, availableReplicas int32,
  terminatingReplicas *int32, observedGeneration int64, conditions []ReplicaSetCondition
RollingUpdateDaemonSet: maxUnavailable *IntOrString, maxSurge *IntOrString
RollingUpdateDeployment: maxUnavailable *IntOrString, maxSurge *IntOrString
RollingUpdateStatefulSetStrategy: partition *int32, maxUnavailable *IntOrString
StatefulSet: TypeMeta, metadata ObjectMeta, spec StatefulSetSpec, status StatefulSetStatus
StatefulSetCondition: type! StatefulSetConditionType, status! ConditionStatus, lastTransitionTime Time, reason string,
  message string
StatefulSetOrdinals: start! int32
StatefulSetPersistentVolumeClaimRetentionPolicy: whenDeleted PersistentVolumeClaimRetentionPolicyType,
  whenScaled PersistentVolumeClaimRetentionPolicyType
StatefulSetSpec: replicas *int32, selector! *LabelSelector, template! PodTemplateSpec,
  volumeClaimTemplates []PersistentVolumeClaim, serviceName! string, podManagementPolicy PodManagementPolicyType,
  updateStrategy StatefulSetUpdateStrategy, revisionHistoryLimit *int32, minReadySeconds int32,
  persistentVolumeClaimRetentionPolicy *StatefulSetPersistentVolumeClaimRetentionPolicy, ordinals *StatefulSetOrdinals
StatefulSetStatus: observedGeneration int64, replicas! int32, readyReplicas int32, currentReplicas int32, updatedReplicas int32,
  currentRevision string, updateRevision string, collisionCount *int32, conditions []StatefulSetCondition,
  availableReplicas! int32
StatefulSetUpdateStrategy: type StatefulSetUpdateStrategyType, rollingUpdate *RollingUpdateStatefulSetStrategy
CronJob: TypeMeta, metadata ObjectMeta, spec CronJobSpec, status CronJobStatus
CronJobSpec: schedule! string, timeZone *string, startingDeadlineSeconds *int64, concurrencyPolicy ConcurrencyPolicy,
  suspend *bool, jobTemplate! JobTemplateSpec, successfulJobsHistoryLimit *int32, failedJobsHistoryLimit *int32
CronJobStatus: active []ObjectReference, lastScheduleTime *Time, lastSuccessfulTime *Time
Job: TypeMeta, metadata ObjectMeta, spec JobSpec, status JobStatus
JobCondition: type! JobConditionType, status! ConditionStatus, lastProbeTime Time, lastTransitionTime Time, reason string,
  message string
JobSpec: parallelism *int32, completions *int32, activeDeadlineSeconds *int64, podFailurePolicy *PodFailurePolicy,
  successPolicy *SuccessPolicy, backoffLimit *int32, backoffLimitPerIndex *int32, maxFailedIndexes *int32,
  selector *LabelSelector, manualSelector *bool, template! PodTemplateSpec, ttlSecondsAfterFinished *int32,
  completionMode *CompletionMode, suspend *bool, podReplacementPolicy *PodReplacementPolicy, managedBy *string,
  scheduling *any
JobStatus: conditions []JobCondition, startTime *Time, completionTime *Time, active int32, succeeded int32, failed int32,
  terminating *int32, completedIndexes string, failedIndexes *string, uncountedTerminatedPods *UncountedTerminatedPods,
  ready *int32
JobTemplateSpec: metadata ObjectMeta, spec JobSpec
PodFailurePolicy: rules! []PodFailurePolicyRule
PodFailurePolicyOnExitCodesRequirement: containerName *string, operator! PodFailurePolicyOnExitCodesOperator, values! []int32
PodFailurePolicyOnPodConditionsPattern: type! PodConditionType, status! ConditionStatus
PodFailurePolicyRule: action! PodFailurePolicyAction, onExitCodes *PodFailurePolicyOnExitCodesRequirement,
  onPodConditions []PodFailurePolicyOnPodConditionsPattern
SuccessPolicy: rules! []SuccessPolicyRule
SuccessPolicyRule: succeededIndexes *string, succeededCount *int32
UncountedTerminatedPods: succeeded []UID, failed []UID
PodDisruptionBudget: TypeMeta, metadata ObjectMeta, spec PodDisruptionBudgetSpec, status PodDisruptionBudgetStatus
PodDisruptionBudgetSpec: minAvailable *IntOrString, selector *LabelSelector, maxUnavailable *IntOrString,
  unhealthyPodEvictionPolicy *UnhealthyPodEvictionPolicyType
PodDisruptionBudgetStatus: observedGeneration int64, disruptedPods {}Time, disruptionsAllowed! int32, currentHealthy! int32,
  desiredHealthy! int32, expectedPods! int32, conditions []Condition
"""

AUTOSCALING = """
ContainerResourceMetricSource: name! ResourceName, target! MetricTarget, container! string
ContainerResourceMetricStatus: name! ResourceName, current! MetricValueStatus, container! string
CrossVersionObjectReference: kind! string, name! string, apiVersion string
ExternalMetricSource: metric! MetricIdentifier, target! MetricTarget
ExternalMetricStatus: metric! MetricIdentifier, current! MetricValueStatus
HPAScalingPolicy: type! HPAScalingPolicyType, value! int32, periodSeconds! int32
HPAScalingRules: stabilizationWindowSeconds *int32, selectPolicy *ScalingPolicySelect, policies []HPAScalingPolicy,
  tolerance *Quantity
HorizontalPodAutoscaler: TypeMeta, metadata ObjectMeta, spec HorizontalPodAutoscalerSpec, status HorizontalPodAutoscalerStatus
HorizontalPodAutoscalerBehavior: scaleUp *HPAScalingRules, scaleDown *HPAScalingRules
HorizontalPodAutoscalerCondition: type! HorizontalPodAutoscalerConditionType, status! ConditionStatus, lastTransitionTime Time,
  reason string, message string, observedGeneration *int64
HorizontalPodAutoscalerSpec: scaleTargetRef! CrossVersionObjectReference, minReplicas *int32, maxReplicas! int32,
  metrics []MetricSpec, behavior *HorizontalPodAutoscalerBehavior
HorizontalPodAutoscalerStatus: observedGeneration *int64, lastScaleTime *Time, currentReplicas int32, desiredReplicas! int32,
  currentMetrics! []MetricStatus, conditions []HorizontalPodAutoscalerCondition
MetricIdentifier: name! string, selector *LabelSelector
MetricSpec: type! MetricSourceType, object *ObjectMetricSource, pods *PodsMetricSource, resource *ResourceMetricSource,
  containerResource *ContainerResourceMetricSource, external *ExternalMetricSource
MetricStatus: type! MetricSourceType, object *ObjectMetricStatus, pods *PodsMetricStatus, resource *ResourceMetricStatus,
  containerResource *ContainerResourceMetricStatus, external *ExternalMetricStatus
MetricTarget: type! MetricTargetType, value *Quantity, averageValue *Quantity, averageUtilization *int32
MetricValueStatus: value *Quantity, averageValue *Quantity, averageUtilization *int32
ObjectMetricSource: describedObject! CrossVersionObjectReference, target! MetricTarget, metric! MetricIdentifier
ObjectMetricStatus: metric! MetricIdentifier, current! MetricValueStatus, describedObject! CrossVersionObjectReference
PodsMetricSource: metric! MetricIdentifier, target! MetricTarget
PodsMetricStatus: metric! MetricIdentifier, current! MetricValueStatus
ResourceMetricSource: name! ResourceName, target! MetricTarget
ResourceMetricStatus: name! ResourceName, current! MetricValueStatus
"""
