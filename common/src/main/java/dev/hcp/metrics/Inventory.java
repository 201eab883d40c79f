package dev.hcp.metrics;

import java.util.List;
import java.util.stream.Stream;

/**
 * All metrics of both processes. Labels are bounded by the numbers of control planes, of their
 * parts, and of kinds: of what users write only names and versions become labels.
 */
public final class Inventory {
  /** A condition of a control plane. */
  public static final Metric CONDITION =
      Metric.gauge(
              "hcp_condition",
              "Conditions of control planes: 1 for the status that a condition has, 0 for the"
                  + " others")
          .by("namespace", "name", "type", "status");

  /** Why a condition is what it is. */
  public static final Metric CONDITION_REASON =
      Metric.gauge(
              "hcp_condition_reason",
              "Always 1: the reasons of conditions, unless nothing is the matter")
          .by("namespace", "name", "type", "reason");

  /** What a control plane is. */
  public static final Metric CONTROL_PLANE_INFO =
      Metric.gauge(
              "hcp_control_plane_info",
              "Always 1: the Cluster, and the Kubernetes version that is served and that is wanted")
          .by("namespace", "name", "cluster", "version", "wanted_version");

  /** Pods that a component shall have. */
  public static final Metric COMPONENT_REPLICAS =
      Metric.gauge("hcp_component_replicas", "Pods that a component of a control plane shall have")
          .by("namespace", "name", "component");

  /** Pods of a component that are ready. */
  public static final Metric COMPONENT_REPLICAS_READY =
      Metric.gauge(
              "hcp_component_replicas_ready",
              "Pods of a component of a control plane that are ready")
          .by("namespace", "name", "component");

  /** When a certificate expires. */
  public static final Metric CERTIFICATE_EXPIRY =
      Metric.gauge(
              "hcp_certificate_expiry_timestamp_seconds",
              "When a certificate of a control plane expires, in Unix time")
          .by("namespace", "name", "credential");

  /** When a certificate should be renewed. */
  public static final Metric CERTIFICATE_RENEWAL =
      Metric.gauge(
              "hcp_certificate_renewal_timestamp_seconds",
              "When a certificate of a control plane is due to be renewed, in Unix time")
          .by("namespace", "name", "credential");

  /** When a backup is due. */
  public static final Metric BACKUP_DUE =
      Metric.gauge(
              "hcp_backup_due_timestamp_seconds",
              "When the next backup of etcd is due by its schedule, in Unix time; in the past if it"
                  + " is late")
          .by("namespace", "name");

  private static final List<Metric> BOTH =
      List.of(
          Metric.gauge("hcp_build_info", "Always 1; the labels tell what is running")
              .by("version", "revision", "java"),
          Metric.gauge("jvm_buffer_count_buffers", "Buffers outside of the heap").by("id"),
          Metric.gauge("jvm_buffer_memory_used_bytes", "Memory of these buffers in use").by("id"),
          Metric.gauge("jvm_buffer_total_capacity_bytes", "Memory of these buffers").by("id"),
          Metric.gauge("jvm_classes_loaded_classes", "Classes that are loaded"),
          Metric.counter("jvm_classes_loaded_count_classes_total", "Classes that were loaded"),
          Metric.counter("jvm_classes_unloaded_classes_total", "Classes that were unloaded"),
          Metric.counter(
              "jvm_gc_memory_allocated_bytes_total",
              "Growth of the young generation between collections"),
          Metric.counter(
              "jvm_gc_memory_promoted_bytes_total", "Growth of the old generation by collections"),
          Metric.gauge("jvm_gc_live_data_size_bytes", "Old generation after a full collection"),
          Metric.gauge("jvm_gc_max_data_size_bytes", "Largest size of the old generation"),
          Metric.timer(
                  "jvm_gc_concurrent_phase_time_seconds",
                  "Work of the garbage collector beside others")
              .by("action", "cause", "gc"),
          Metric.timer("jvm_gc_pause_seconds", "Pauses of the garbage collector")
              .by("action", "cause", "gc"),
          Metric.gauge("jvm_memory_used_bytes", "Memory in use").by("area", "id"),
          Metric.gauge("jvm_memory_committed_bytes", "Memory that is set aside").by("area", "id"),
          Metric.gauge("jvm_memory_max_bytes", "Memory that may be set aside").by("area", "id"),
          Metric.gauge("jvm_threads_daemon_threads", "Threads that do not keep the process alive"),
          Metric.gauge("jvm_threads_live_threads", "Threads, virtual ones not counted"),
          Metric.gauge("jvm_threads_peak_threads", "Most threads that there were at a time"),
          Metric.counter("jvm_threads_started_threads_total", "Threads that were started"),
          Metric.gauge("jvm_threads_states_threads", "Threads by state").by("state"),
          Metric.counter("logback_events_total", "Log records").by("level"),
          Metric.gauge("process_cpu_usage", "CPU of this process, as a part of all of the machine"),
          Metric.counter("process_cpu_time_ns_total", "CPU time of this process"),
          Metric.gauge("process_files_max_files", "Files that may be open"),
          Metric.gauge("process_files_open_files", "Files that are open"),
          Metric.gauge("process_start_time_seconds", "When the process started, in Unix time"),
          Metric.gauge("process_uptime_seconds", "Age of the process"),
          Metric.gauge("system_cpu_count", "Processors that the process may use"),
          Metric.gauge("system_cpu_usage", "CPU of the machine in use, as a part of all"),
          Metric.gauge("system_load_average_1m", "Load of the machine over a minute"));

  private static final List<Metric> CONTROLLER =
      List.of(
          CONTROL_PLANE_INFO,
          CONDITION,
          CONDITION_REASON,
          COMPONENT_REPLICAS,
          COMPONENT_REPLICAS_READY,
          CERTIFICATE_EXPIRY,
          CERTIFICATE_RENEWAL,
          Metric.gauge("hcp_etcd_has_leader", "Whether a member of etcd leads")
              .by("namespace", "name"),
          Metric.counter(
                  "hcp_etcd_leader_changes_total", "Changes of the leader of etcd that were seen")
              .by("namespace", "name"),
          Metric.gauge("hcp_etcd_members", "Members of etcd that there shall be")
              .by("namespace", "name"),
          Metric.gauge("hcp_etcd_members_healthy", "Members of etcd that are healthy")
              .by("namespace", "name"),
          Metric.gauge("hcp_etcd_alarms", "Alarms of etcd").by("namespace", "name"),
          Metric.gauge(
                  "hcp_etcd_db_size_bytes", "What the database of a member takes on its volume")
              .by("namespace", "name", "member"),
          Metric.gauge("hcp_etcd_db_in_use_bytes", "What of the database of a member is in use")
              .by("namespace", "name", "member"),
          Metric.gauge("hcp_etcd_db_quota_bytes", "What the database of a member may take")
              .by("namespace", "name", "member"),
          Metric.timer("hcp_etcd_looks_seconds", "Looks at the members of etcd").by("result"),
          Metric.timer("hcp_etcd_maintenance_seconds", "Maintenance of etcd").by("task", "result"),
          Metric.gauge(
                  "hcp_backup_age_seconds",
                  "Time since the last successful backup of etcd was begun")
              .by("namespace", "name"),
          BACKUP_DUE,
          Metric.gauge("hcp_backup_size_bytes", "Size of the last backup of etcd")
              .by("namespace", "name"),
          Metric.gauge("hcp_backup_running", "Backups of etcd that are being made"),
          Metric.timer(
                  "hcp_backup_seconds",
                  "Attempts to make a backup of etcd, or to look which there are")
              .by("result"),
          Metric.gauge(
                  "hcp_backup_restore_drill_last_success_timestamp_seconds",
                  "When the last restore drill was begun that succeeded, Unix time")
              .by("namespace", "name"),
          Metric.gauge(
                  "hcp_backup_restore_drill_duration_seconds",
                  "Time that it took to restore the newest backup, if it could be")
              .by("namespace", "name"),
          Metric.gauge("hcp_backup_restore_drill_running", "Restore drills that are under way"),
          Metric.timer(
                  "hcp_backup_restore_drill_seconds",
                  "Attempts to restore a backup of etcd for a test")
              .by("result"),
          Metric.timer("hcp_reconcile_seconds", "Passes over control planes").by("result"),
          Metric.timer(
                  "hcp_reconcile_step_seconds",
                  "Steps of passes, by the condition that tells of them")
              .by("step", "result"),
          Metric.gauge("hcp_reconcile_active", "Passes that are being made"),
          Metric.gauge("hcp_reconcile_waiting", "Control planes that wait for a worker"),
          Metric.counter(
                  "hcp_applies_total",
                  "Objects compared with what is wanted, and applied if they differ")
              .by("kind", "result"),
          Metric.counter(
                  "hcp_kubernetes_requests_total",
                  "Requests that API servers of the management cluster and of hosted clusters"
                      + " answered")
              .by("api", "verb", "resource", "code"),
          Metric.counter("hcp_events_total", "Events about control planes").by("result"),
          Metric.gauge("hcp_watch_synced", "Whether the objects of a kind are known").by("kind"),
          Metric.gauge("hcp_leader", "Whether this replica leads"),
          Metric.counter(
                  "hcp_endpoint_probes_total",
                  "Questions to hosted API servers whether they are ready")
              .by("result"),
          Metric.gauge("hcp_workload_clusters", "Hosted clusters that are kept up"),
          Metric.timer(
                  "hcp_workload_looks_seconds",
                  "Looks at hosted clusters, in which what is wrong is put right")
              .by("result"),
          Metric.counter(
                  "hcp_workload_applies_total",
                  "Objects of hosted clusters compared with what is wanted, and applied if they"
                      + " differ")
              .by("kind", "result"),
          Metric.counter(
                  "hcp_rewritten_objects_total",
                  "Objects of hosted clusters that were written again, to be encrypted by another"
                      + " key")
              .by("result"),
          Metric.counter(
                  "hcp_kubelet_serving_requests_total",
                  "Requests of nodes for serving certificates")
              .by("result"),
          Metric.gauge(
              "hcp_kubelet_serving_pending",
              "Requests of nodes for serving certificates that are left to people"));

  private static final List<Metric> WEBHOOK =
      List.of(
          Metric.counter("hcp_admission_requests_total", "Admission reviews answered")
              .by("stage", "kind", "operation", "allowed"),
          Metric.counter("hcp_admission_refusals_total", "Mistakes for which objects were refused")
              .by("kind", "field", "reason"),
          Metric.histogram(
                  "hcp_admission_duration_seconds",
                  "Time to answer an admission review, without the network")
              .by("stage", "kind"),
          Metric.timer(
                  "hcp_admission_lookups_seconds",
                  "Reads of other objects that an answer depends on")
              .by("what", "result"),
          Metric.counter(
                  "hcp_webhook_http_errors_total", "Requests that were answered by an HTTP error")
              .by("code"),
          Metric.gauge(
              "hcp_tls_certificate_expiry_timestamp_seconds",
              "When the served certificate expires, in Unix time"),
          Metric.counter(
                  "hcp_tls_certificate_reloads_total",
                  "Attempts to take over changed certificate files")
              .by("result"));

  private static final List<Label> LABELS =
      List.of(
          new Label("namespace", "namespace of the HostedControlPlane"),
          new Label("name", "name of the HostedControlPlane"),
          new Label(
              "cluster", "name of the Cluster; empty before Cluster API has made it the owner"),
          new Label(
              "version",
              "Kubernetes version that is served, the oldest of several; empty before the first. Of"
                  + " `hcp_build_info` that of this project"),
          new Label("wanted_version", "`spec.version`"),
          new Label("type", "type of the [condition](concepts.md#conditions)"),
          new Label("status", "`True`, `False` or `Unknown`"),
          new Label(
              "reason",
              "reason of the condition; of a mistake `FieldValueInvalid`, `FieldValueRequired`,"
                  + " `FieldValueDuplicate` or `FieldValueForbidden`"),
          new Label("component", "`api-server`, `controller-manager`, `scheduler` or `etcd`"),
          new Label(
              "credential",
              "name of the Certificate without that of the Cluster before it, such as `apiserver`,"
                  + " `etcd-peer` or `ca`; of a [user](kubeconfigs.md), of whom there are 32 at"
                  + " most, `kubeconfig-<name>-client`"),
          new Label("member", "name of the pod of etcd"),
          new Label(
              "result",
              "how it ended: `success`, or what else there was; see the pages of the parts"),
          new Label("task", "`compact`, `defragment`, `move_leader` or `disarm`"),
          new Label("step", "type of the condition that tells of the step"),
          new Label("kind", "kind of object"),
          new Label("api", "`management` or `hosted`: whose API server"),
          new Label(
              "verb",
              "as in rules of RBAC: `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`,"
                  + " `deletecollection`"),
          new Label(
              "resource",
              "plural and group as in `deployments.apps`, with `/` and the subresource if there is"
                  + " one; `none` for what is no resource"),
          new Label("code", "HTTP status"),
          new Label("stage", "`mutating` or `validating`"),
          new Label("operation", "`CREATE`, `UPDATE`, `DELETE` or `CONNECT`"),
          new Label("allowed", "`true` or `false`"),
          new Label(
              "field",
              "field of the spec, not deeper, such as `spec.etcd`; for templates the same"),
          new Label("what", "kind of object that is looked up"),
          new Label("revision", "commit that the process was built from"),
          new Label("java", "version of the Java runtime"),
          new Label("id", "name of the area of memory"),
          new Label("area", "`heap` or `nonheap`"),
          new Label("action", "what the collector did"),
          new Label("cause", "why it did so"),
          new Label("gc", "which collector"),
          new Label("state", "state of the thread"),
          new Label("level", "level of the log record"));

  private Inventory() {}

  /**
   * A label.
   *
   * @param name as Prometheus sees it
   * @param meaning what its values are
   */
  public record Label(String name, String meaning) {}

  /** What labels mean, the important ones first. */
  public static List<Label> labels() {
    return LABELS;
  }

  /** What both processes have. */
  public static List<Metric> ofBoth() {
    return BOTH;
  }

  /** What only the controller has. */
  public static List<Metric> ofController() {
    return CONTROLLER;
  }

  /** What only the webhook has. */
  public static List<Metric> ofWebhook() {
    return WEBHOOK;
  }

  /** Everything. */
  public static Stream<Metric> all() {
    return Stream.of(CONTROLLER, WEBHOOK, BOTH).flatMap(List::stream);
  }
}
