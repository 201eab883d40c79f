package dev.hcp.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneTemplate;
import dev.hcp.validation.Validator;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Manifests that set every field that existing installations may use. A field that is renamed,
 * dropped or given another type would not come back as it was.
 */
class FieldsTest {
  private static final KubernetesSerialization YAML = new KubernetesSerialization();

  @Test
  void controlPlanesKeepEveryField() throws IOException {
    var manifest = read("control-plane.yaml");
    var object = YAML.unmarshal(manifest, HostedControlPlane.class);
    assertThat(tree(YAML.asYaml(object))).isEqualTo(tree(manifest));
    assertThat(Validator.create(object)).isEmpty();
    assertThat(Validator.update(object, object)).isEmpty();
  }

  @Test
  void templatesKeepEveryField() throws IOException {
    var manifest = read("template.yaml");
    var template = YAML.unmarshal(manifest, HostedControlPlaneTemplate.class);
    assertThat(tree(YAML.asYaml(template))).isEqualTo(tree(manifest));
    assertThat(Validator.create(template)).isEmpty();
    assertThat(Validator.update(template, template, false)).isEmpty();
  }

  private static Map<?, ?> tree(String yaml) {
    return YAML.unmarshal(yaml, Map.class);
  }

  private static String read(String name) throws IOException {
    try (var stream = FieldsTest.class.getResourceAsStream(name)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
