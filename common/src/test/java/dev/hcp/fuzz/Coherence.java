package dev.hcp.fuzz;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes fields fit each other, where each was chosen by itself. */
final class Coherence {
  private Coherence() {}

  /** Leaves out what stands twice, since few lists take that. */
  static void mend(List<Object> list) {
    var seen = new HashSet<>();
    list.removeIf(element -> !seen.add(element));
  }

  /** Mends an object of which the path in the schema is given. */
  static void mend(Chance chance, String path, Map<String, Object> object) {
    switch (path.substring(path.lastIndexOf('.') + 1)) {
      case "etcd" -> {
        if (object.containsKey("volumeSize")) {
          object.put("autoGrow", false);
          object.remove("maxVolumeSize");
        } else {
          object.put("autoGrow", true);
        }
      }
      case "certificates" -> certificates(object);
      case "exposure" -> exposure(object);
      case "env[]" -> {
        if (object.containsKey("valueFrom")) {
          object.remove("value");
        }
      }
      case "valueFrom" -> keepOne(object, "fieldRef", chance);
      case "resourceFieldRef" -> {
        object.putIfAbsent("resource", "limits.cpu");
        object.remove("containerName");
      }
      case "fieldRef" -> object.putIfAbsent("fieldPath", "metadata.name");
      case "mounts{}" -> mount(chance, object);
      case "resources" -> resources(object);
      case "tolerations[]" -> toleration(object);
      case "topologySpreadConstraints[]" -> constraint(object);
      case "matchExpressions[]" -> expression(object);
      case "matchFields[]" -> {
        object.put("key", "metadata.name");
        object.put("operator", chance.oneOf("In", "NotIn"));
        object.put("values", list("node-1"));
      }
      case "requiredDuringSchedulingIgnoredDuringExecution[]", "podAffinityTerm" -> {
        if (!object.containsKey("labelSelector")) {
          object.remove("matchLabelKeys");
          object.remove("mismatchLabelKeys");
        }
      }
      case "rules[]" -> {
        if (object.containsKey("nonResourceURLs")) {
          object.remove("resources");
          object.remove("namespaces");
        }
      }
      case "resources[]" -> {
        if (object.containsKey("resourceNames")) {
          object.put("resources", list("pods"));
        }
      }
      case "targets[]" -> {
        if (object.containsKey("certificateAuthority")) {
          object.put("server", "https://audit.example.com/events");
        }
      }
      case "verticalAutoscaling" -> sizes(path, object);
      case "apiServer" -> apiServer(object);
      case "image" -> {
        if (chance.oneIn(8)) {
          object.put("registry", "");
        }
      }
      default -> {}
    }
  }

  /** Limits that every container takes. */
  private static void sizes(String path, Map<String, Object> object) {
    if (object.containsKey("minAllowed")) {
      object.put("minAllowed", map("cpu", "500m", "memory", "1Gi"));
    }
    object.put("maxAllowed", map("cpu", "4", "memory", "16Gi"));
    if (path.contains(".etcd.")) {
      object.remove("minReplicas");
    }
  }

  private static void apiServer(Map<String, Object> object) {
    if (!object.containsKey("verticalAutoscaling")) {
      if (object.get("konnectivity") instanceof Map<?, ?> beside) {
        SpecGenerator.map(beside).remove("verticalAutoscaling");
      }
    } else if (object.containsKey("autoscaling")) {
      SpecGenerator.map(object.get("verticalAutoscaling"))
          .values()
          .forEach(limits -> {
            if (limits instanceof Map<?, ?> amounts) {
              amounts.remove("cpu");
            }
          });
    }
  }

  private static Map<String, Object> map(String key, String value, String other, String more) {
    var map = new LinkedHashMap<String, Object>();
    map.put(key, value);
    map.put(other, more);
    return map;
  }

  private static void certificates(Map<String, Object> object) {
    if (object.containsKey("caCertificateDuration")) {
      object.put("rootCaCertificateDuration", "87600h");
    } else {
      object.remove("rootCaCertificateDuration");
    }
  }

  private static void exposure(Map<String, Object> object) {
    boolean byGateway = "Gateway".equals(object.get("inClusterAccess"));
    if (!byGateway) {
      object.remove("gatewayPort");
    }
    if (!(object.get("service") instanceof Map<?, ?>)) {
      return;
    }
    var service = SpecGenerator.map(object.get("service"));
    if (byGateway && "LoadBalancer".equals(service.get("type"))) {
      service.put("type", "NodePort");
    } else if (!byGateway && "NodePort".equals(service.get("type"))) {
      service.remove("type");
    }
    var type = service.getOrDefault("type", byGateway ? "ClusterIP" : "LoadBalancer");
    if (!type.equals("LoadBalancer")) {
      service.remove("loadBalancerClass");
      service.remove("loadBalancerSourceRanges");
    }
    if (type.equals("ClusterIP")) {
      service.remove("externalTrafficPolicy");
    }
    if ("SingleStack".equals(service.get("ipFamilyPolicy"))
        && service.get("ipFamilies") instanceof List<?> families
        && families.size() > 1) {
      service.remove("ipFamilyPolicy");
    }
  }

  private static void keepOne(Map<String, Object> object, String otherwise, Chance chance) {
    if (object.isEmpty()) {
      object.put(otherwise, SpecGenerator.map(mapOf("fieldPath", "metadata.name")));
    }
    var kept = chance.oneOf(List.copyOf(object.keySet()));
    object.keySet().removeIf(key -> !key.equals(kept));
  }

  private static void mount(Chance chance, Map<String, Object> object) {
    if (object.containsKey("secret")) {
      object.remove("configMap");
    } else {
      object.putIfAbsent("configMap", mapOf("name", chance.name()));
    }
  }

  /** The same quantity for both, and one that suits the resource. */
  private static void resources(Map<String, Object> object) {
    object.remove("claims");
    for (var kind : List.of("limits", "requests")) {
      if (object.get(kind) instanceof Map<?, ?> quantities) {
        SpecGenerator.map(quantities).replaceAll(Coherence::quantity);
      }
    }
    if (object.get("requests") instanceof Map<?, ?> requests) {
      var limits =
          object.get("limits") instanceof Map<?, ?> given
              ? SpecGenerator.map(given)
              : new LinkedHashMap<String, Object>();
      requests.forEach((name, quantity) -> {
        if (limits.containsKey(name) || isIndivisible(String.valueOf(name))) {
          limits.put(String.valueOf(name), quantity);
        }
      });
      if (!limits.isEmpty()) {
        object.put("limits", limits);
      }
    }
  }

  private static Object quantity(String name, Object quantity) {
    return switch (name) {
      case "hugepages-2Mi" -> "64Mi";
      case "hugepages-1Gi" -> "2Gi";
      default -> isIndivisible(name) ? "2" : quantity;
    };
  }

  private static boolean isIndivisible(String name) {
    return name.contains("/") || name.startsWith("hugepages-");
  }

  private static void toleration(Map<String, Object> object) {
    if (!object.containsKey("key")) {
      object.put("operator", "Exists");
    }
    if ("Exists".equals(object.get("operator"))) {
      object.remove("value");
    } else if (object.containsKey("value")) {
      object.put("value", "a.B");
    }
    if (object.containsKey("tolerationSeconds")) {
      object.put("effect", "NoExecute");
    }
  }

  private static void constraint(Map<String, Object> object) {
    if (object.containsKey("minDomains")) {
      object.put("whenUnsatisfiable", "DoNotSchedule");
    }
  }

  private static void expression(Map<String, Object> object) {
    switch (String.valueOf(object.get("operator"))) {
      case "Gt", "Lt" -> object.put("values", list("7"));
      case "In", "NotIn" -> object.putIfAbsent("values", list("a"));
      case "Exists", "DoesNotExist" -> object.remove("values");
      default -> {
        object.put("operator", "Exists");
        object.remove("values");
      }
    }
  }

  private static List<Object> list(Object element) {
    var list = new ArrayList<>();
    list.add(element);
    return list;
  }

  private static Map<String, Object> mapOf(String key, Object value) {
    var map = new LinkedHashMap<String, Object>();
    map.put(key, value);
    return map;
  }
}
