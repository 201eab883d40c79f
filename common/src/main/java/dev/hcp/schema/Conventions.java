package dev.hcp.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.hcp.api.v1alpha1.Condition;
import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import dev.hcp.api.v1alpha1.CredentialStatus;
import dev.hcp.api.v1alpha1.EtcdMemberStatus;
import dev.hcp.api.v1alpha1.Kubeconfig;
import dev.hcp.api.v1alpha1.RolloutSettings;
import dev.hcp.api.v1alpha1.VersionStatus;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceClaim;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaPropsBuilder;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * What the annotations of the types cannot say: descriptions, number formats, how lists are merged,
 * what quantities look like, and the order of printer columns.
 *
 * <p>A String component whose name ends in {@code Time} is a point in time. Lists are atomic,
 * except those whose elements have an identity.
 */
final class Conventions {
  /** The notation of quantities, as Kubernetes' own CRD generator publishes it. */
  static final String QUANTITY =
      "^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))"
          + "(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$";

  /** Element types of lists that are merged by keys, and those. */
  private static final Map<Class<?>, List<String>> KEYS =
      Map.of(
          Condition.class,
          List.of("type"),
          CredentialStatus.class,
          List.of("name"),
          EnvVar.class,
          List.of("name"),
          EtcdMemberStatus.class,
          List.of("name"),
          Kubeconfig.class,
          List.of("name"),
          LocalObjectReference.class,
          List.of("name"),
          ResourceClaim.class,
          List.of("name"),
          TopologySpreadConstraint.class,
          List.of("topologyKey", "whenUnsatisfiable"),
          VersionStatus.class,
          List.of("version"));

  /** Types of which Cluster API wants a field to be set where they are. */
  private static final Set<Class<?>> NOT_EMPTY =
      Set.of(ControlPlaneEndpoint.class, RolloutSettings.class);

  /**
   * Label of definitions whose objects {@code clusterctl move} looks at. clusterctl sets it on what
   * it installs; this is for those that Helm or kubectl have installed.
   */
  private static final String MOVED_BY_CLUSTERCTL = "clusterctl.cluster.x-k8s.io";

  /** Cluster API reads no more versions than this. */
  private static final long MOST_VERSIONS = 100;

  private final Javadocs javadocs;

  Conventions(Javadocs javadocs) {
    this.javadocs = javadocs;
  }

  /** Completes a definition that was made from the annotations of a type. */
  void apply(CustomResourceDefinition crd, Class<? extends HasMetadata> kind) {
    var labels = new TreeMap<>(crd.getMetadata().getLabels());
    labels.put(MOVED_BY_CLUSTERCTL, "");
    crd.getMetadata().setLabels(labels);
    for (var version : crd.getSpec().getVersions()) {
      var root = version.getSchema().getOpenAPIV3Schema();
      root.setDescription(javadocs.of(kind));
      root.setRequired(List.of("spec"));
      var properties = new TreeMap<>(root.getProperties());
      var parameters = ((ParameterizedType) kind.getGenericSuperclass()).getActualTypeArguments();
      complete(properties, "spec", parameters[0]);
      complete(properties, "status", parameters[1]);
      properties.putAll(typeMeta());
      root.setProperties(properties);
      version
          .getAdditionalPrinterColumns()
          .sort(Comparator.comparingInt(column -> position(kind, column)));
    }
  }

  private void complete(Map<String, JSONSchemaProps> properties, String name, Type type) {
    if (type == Void.class) {
      properties.remove(name);
    } else if (type instanceof Class<?> record) {
      var schema = Objects.requireNonNull(properties.get(name), name);
      schema.setDescription(javadocs.of(record));
      complete(schema, type);
    }
  }

  /** Completes a schema and all below it, except its own description. */
  private void complete(JSONSchemaProps schema, Type type) {
    // An annotation of a record component is found on its field and on its accessor.
    schema.setXKubernetesValidations(
        schema.getXKubernetesValidations().stream().distinct().toList());
    switch (type) {
      case ParameterizedType list when list.getRawType() == List.class ->
          completeList(schema, list.getActualTypeArguments()[0]);
      case ParameterizedType map when map.getRawType() == Map.class ->
          completeElement(
              schema.getAdditionalProperties().getSchema(), map.getActualTypeArguments()[1]);
      case Class<?> leaf when leaf == Integer.class -> schema.setFormat("int32");
      case Class<?> leaf when leaf == Long.class -> schema.setFormat("int64");
      case Class<?> leaf when leaf == Quantity.class -> schema.setPattern(QUANTITY);
      case Class<?> leaf
          when schema.getProperties() == null || schema.getProperties().isEmpty() -> {
        if (leaf.isRecord()) {
          throw new IllegalStateException("the schema of %s is empty".formatted(leaf));
        }
      }
      case Class<?> record when record.isRecord() -> completeRecord(schema, record);
      case Class<?> model -> completeModel(schema, model);
      default -> throw new IllegalStateException("no convention for type " + type);
    }
  }

  private void completeList(JSONSchemaProps schema, Type element) {
    var items = schema.getItems().getSchema();
    var keys = element instanceof Class<?> type ? KEYS.get(type) : null;
    if (keys == null) {
      schema.setXKubernetesListType("atomic");
    } else {
      schema.setXKubernetesListType("map");
      schema.setXKubernetesListMapKeys(keys);
    }
    if (element == VersionStatus.class) {
      schema.setMinItems(1L);
      schema.setMaxItems(MOST_VERSIONS);
    }
    completeElement(items, element);
  }

  private void completeElement(JSONSchemaProps element, Type type) {
    complete(element, type);
    if (type instanceof Class<?> record && record.isRecord()) {
      element.setDescription(javadocs.of(record));
    } else if (type instanceof Class<?> model && !element.getProperties().isEmpty()) {
      element.setDescription(KubernetesModel.descriptionOf(model));
    }
  }

  private void completeRecord(JSONSchemaProps schema, Class<?> record) {
    if (NOT_EMPTY.contains(record)) {
      schema.setMinProperties(1L);
    }
    for (RecordComponent component : record.getRecordComponents()) {
      var property = schema.getProperties().get(component.getName());
      if (property == null) {
        throw new IllegalStateException("the schema of %s lacks %s".formatted(record, component));
      }
      complete(property, component.getGenericType());
      property.setDescription(javadocs.of(record, component.getName()));
      if (component.getType() == String.class && component.getName().endsWith("Time")) {
        property.setFormat("date-time");
      }
      if (record == Condition.class && component.getName().equals("status")) {
        property.setEnum(KubernetesModel.CONDITION_STATUSES);
      }
    }
  }

  private void completeModel(JSONSchemaProps schema, Class<?> model) {
    schema.getProperties().keySet().removeAll(KubernetesModel.withheldOf(model));
    for (var property : schema.getProperties().entrySet()) {
      completeModelField(property.getValue(), model, property.getKey());
    }
    schema.setRequired(KubernetesModel.requiredOf(model));
    if (KubernetesModel.isAtomic(model)) {
      schema.setXKubernetesMapType("atomic");
    }
  }

  private void completeModelField(JSONSchemaProps schema, Class<?> model, String field) {
    complete(schema, KubernetesModel.typeOf(model, field));
    schema.setDescription(KubernetesModel.descriptionOf(model, field));
    var values = KubernetesModel.valuesOf(model, field);
    if (!values.isEmpty()) {
      schema.setEnum(values.stream().<JsonNode>map(TextNode::new).toList());
    }
    KubernetesModel.rangeOf(field)
        .ifPresent(range -> {
          schema.setMinimum(range.least());
          schema.setMaximum(range.most());
        });
  }

  /** What every object has. The API server describes metadata itself, and refuses a description. */
  private static Map<String, JSONSchemaProps> typeMeta() {
    return Map.of(
        "apiVersion",
        string("API group and version of the object, as `group/version`."),
        "kind",
        string("Kind of the object. Cannot be changed."),
        "metadata",
        new JSONSchemaPropsBuilder().withType("object").build());
  }

  private static JSONSchemaProps string(String description) {
    return new JSONSchemaPropsBuilder().withType("string").withDescription(description).build();
  }

  private static int position(
      Class<? extends HasMetadata> kind, CustomResourceColumnDefinition column) {
    return Arrays.stream(kind.getAnnotationsByType(AdditionalPrinterColumn.class))
        .map(AdditionalPrinterColumn::name)
        .toList()
        .indexOf(column.getName());
  }
}
