package dev.hcp.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CreateTest {
  /** What is added to a valid spec, and all that is then wrong with it. */
  static Stream<Arguments> mistakes() {
    return Stream.of(
        // Replicas
        wrong("replicas: 0", "spec.replicas: Invalid value: 0: must be 1 to 1000"),
        wrong(
            "coredns: {replicas: 0}", "spec.coredns.replicas: Invalid value: 0: must be 1 to 1000"),
        wrong(
            "konnectivityClient: {replicas: -1}",
            "spec.konnectivityClient.replicas: Invalid value: -1: must be 1 to 1000"),
        wrong(
            "deployment: {scheduler: {replicas: 0}, controllerManager: {replicas: 0}}",
            "spec.deployment.controllerManager.replicas: Invalid value: 0: must be 1 to 1000",
            "spec.deployment.scheduler.replicas: Invalid value: 0: must be 1 to 1000"),

        // Network policies
        wrong(
            "networkPolicy: {metricsNamespaces: [monitoring, Not_One, monitoring]}",
            "spec.networkPolicy.metricsNamespaces[1]: Invalid value: \"Not_One\": must be 1 to 63"
                + " lower-case letters, digits or '-', with a letter or digit at both ends",
            "spec.networkPolicy.metricsNamespaces[2]: Invalid value: \"monitoring\": must differ"
                + " from the other namespaces"),

        // Volume of etcd
        wrong(
            "etcd: {autoGrow: true, volumeSize: 5Gi}",
            "spec.etcd.autoGrow: Invalid value: true: must be false because volumeSize is set, to"
                + " 5Gi; or leave volumeSize out"),
        wrong(
            "etcd: {volumeSize: 5Gi}",
            "spec.etcd.autoGrow: Invalid value: true: must be false because volumeSize is set, to"
                + " 5Gi; or leave volumeSize out"),
        wrong(
            "etcd: {autoGrow: false}",
            "spec.etcd.autoGrow: Invalid value: false: must be true unless volumeSize is set to a"
                + " quantity greater than 0, for example 10Gi"),
        wrong(
            "etcd: {autoGrow: false, volumeSize: 0}",
            "spec.etcd.autoGrow: Invalid value: false: must be true unless volumeSize is set to a"
                + " quantity greater than 0, for example 10Gi"),
        wrong(
            "etcd: {autoGrow: false, volumeSize: -1Gi}",
            "spec.etcd.volumeSize: Invalid value: \"-1Gi\": must be a quantity greater than 0 and less than 8Ei, for"
                + " example 10Gi"),
        wrong(
            "etcd: {autoGrow: false, volumeSize: 5GiB}",
            "spec.etcd.volumeSize: Invalid value: \"5GiB\": must be a quantity greater than 0 and less than 8Ei, for"
                + " example 10Gi"),
        wrong("etcd: {replicas: 2}", "spec.etcd.replicas: Invalid value: 2: must be 1, 3 or 5"),
        wrong("etcd: {replicas: 7}", "spec.etcd.replicas: Invalid value: 7: must be 1, 3 or 5"),

        // Backup
        wrong(
            "etcd: {backup: {schedule: '0 0 30 2 *', secret: {name: s3}}}",
            "spec.etcd.backup.schedule: Invalid value: \"0 0 30 2 *\": must name a day that occurs:"
                + " this schedule never fires; for example 30 2 * * * fires every day at 02:30"
                + " UTC"),
        wrong(
            "etcd: {backup: {schedule: '5/5 * * * *', secret: {name: s3}}}",
            "spec.etcd.backup.schedule: Invalid value: \"5/5 * * * *\": must be @hourly, @daily,"
                + " @weekly or @monthly, or minute, hour, day of month, month and weekday (0 is"
                + " Sunday), each a list of numbers, ranges or *, with steps if wanted, for example"
                + " 30 2 * * * or */15 8-18 * * 1-5"),
        wrong(
            "etcd: {backup: {schedule: '@daily', secret: {name: S3, namespace: a.b, hostKey: ''}}}",
            "spec.etcd.backup.secret.name: Invalid value: \"S3\": must be 1 to 253 lower-case"
                + " letters, digits, '-' or '.', with a letter or digit at the ends of each part",
            "spec.etcd.backup.secret.namespace: Invalid value: \"a.b\": must be 1 to 63 lower-case"
                + " letters, digits or '-', with a letter or digit at both ends",
            "spec.etcd.backup.secret.hostKey: Invalid value: \"\": must be 1 to 253 letters, digits,"
                + " '-', '_' or '.'"),

        // Certificates
        wrong(
            "certificates: {rootCaCertificateDuration: 24h, caCertificateDuration: 48h}",
            "spec.certificates.rootCaCertificateDuration: Invalid value: \"24h\": must be at least"
                + " caCertificateDuration, 48h"),
        wrong(
            "certificates: {caCertificateDuration: 90m}",
            "spec.certificates.caCertificateDuration: Invalid value: \"90m\": must be a duration of"
                + " at least 2h in hours, minutes and seconds, for example 87600h"),
        wrong(
            "certificates: {leafCertificateDuration: 30m}",
            "spec.certificates.leafCertificateDuration: Invalid value: \"30m\": must be a duration of"
                + " at least 1h in hours, minutes and seconds, for example 2160h"),
        wrong(
            "certificates: {caCertificateDuration: 48h, leafCertificateDuration: 25h}",
            "spec.certificates.leafCertificateDuration: Invalid value: \"25h\": must be at most half"
                + " as long as the CA certificates, which last 48h"),
        wrong(
            "certificates: {rootCaCertificateDuration: 10y, caCertificateDuration: 9999999h}",
            "spec.certificates.rootCaCertificateDuration: Invalid value: \"10y\": must be a duration"
                + " of at least 2h in hours, minutes and seconds, for example 87600h",
            "spec.certificates.caCertificateDuration: Invalid value: \"9999999h\": must be a"
                + " duration of at least 2h in hours, minutes and seconds, for example 87600h"),

        // Token issuers
        issuer(
            "https://kubernetes.default.svc.cluster.local",
            "must be another issuer: this one stands for the clusters' own tokens"),
        issuer(
            "https://kubernetes.default.svc",
            "must be another issuer: this one stands for the clusters' own tokens"),
        issuer(
            "http://login.example.com",
            "must be an https URL without user, query and fragment, for example"
                + " https://login.example.com/realm"),
        issuer(
            "https://login.example.com/?a=b",
            "must be an https URL without user, query and fragment, for example"
                + " https://login.example.com/realm"),
        issuer(
            "login.example.com",
            "must be an https URL without user, query and fragment, for example"
                + " https://login.example.com/realm"),
        wrong(
            """
            oidcProviders:
              https://login.example.com:
                audiences: []
                certificateAuthority: not a certificate
                claimValidationRules: [{expression: ''}]
                claimMappings: {username: ''}
            """,
            "spec.oidcProviders[https://login.example.com].audiences: must have at least one"
                + " audience",
            "spec.oidcProviders[https://login.example.com].claimMappings.username: Invalid value:"
                + " \"\": must be a CEL expression, for example claims.sub: it ends at position 1,"
                + " where more is needed",
            "spec.oidcProviders[https://login.example.com].claimValidationRules[0].expression:"
                + " Invalid value: \"\": must be a CEL expression, for example"
                + " claims.email_verified == true: it ends at position 1, where more is needed",
            "spec.oidcProviders[https://login.example.com].certificateAuthority: Invalid value:"
                + " \"(17 characters)\": must be one or more certificates in PEM form, and nothing"
                + " else"),
        wrong(
            "oidcProviders: {'https://a': {audiences: [x, x], claimMappings: {username: claims.sub}}}",
            "spec.oidcProviders[https://a].audiences[1]: Invalid value: \"x\": must not be empty, and"
                + " differ from the other audiences"),
        provider(
            "claimMappings: {username: claim.sub, groups: 'claims.groups.map(g, g)'}",
            "claimMappings.username: Invalid value: \"claim.sub\": must be a CEL expression, for"
                + " example claims.sub: there is no variable 'claim', only claims",
            "claimMappings.groups: Invalid value: \"claims.groups.map(g, g)\": must be a CEL"
                + " expression, for example claims.groups: map() does not take a claim as it is:"
                + " make it dyn(…).map()"),
        provider(
            "claimMappings: {username: claims.email}",
            "claimMappings.username: Invalid value: \"claims.email\": must come with a claim"
                + " validation rule that uses claims.email_verified, since it uses claims.email;"
                + " for example claims.email_verified == true"),
        provider(
            "claimMappings: {username: claims.sub}, claimValidationRules: [{expression:"
                + " claims.email_verified}, {expression: 'size(claims) > 2'}, {expression:"
                + " 'size(claims) > 2'}]",
            "claimValidationRules[0].expression: Invalid value: \"claims.email_verified\": must be"
                + " a CEL expression, for example claims.email_verified == true: its value is not"
                + " surely true or false: compare it, as in claims.email_verified == true",
            "claimValidationRules[2].expression: Invalid value: \"size(claims) > 2\": must differ"
                + " from the other expressions"),
        wrong(
            "oidcProviders: {%s}"
                .formatted(
                    IntStream.range(0, 64)
                        .mapToObj(
                            "'https://%d.example.com': {audiences: [a], claimMappings: {username: claims.sub}}"
                                ::formatted)
                        .collect(Collectors.joining(", "))),
            "spec.oidcProviders: Invalid value: 64: must be at most 63 issuers"),

        // Mounts
        mount(
            "extra: {path: /extra, configMap: {name: a}, secret: {secretName: b}}",
            "mounts[extra]: must have exactly one of configMap and secret, but has both"),
        mount(
            "extra: {path: /extra}",
            "mounts[extra]: must have exactly one of configMap and secret, but has neither"),
        mount(
            "extra: {path: extra, configMap: {name: a}}",
            "mounts[extra].path: Invalid value: \"extra\": must be an absolute path without '..' and"
                + " ':', for example /etc/kubernetes/extra"),
        mount(
            "extra: {path: /a/../etc, configMap: {name: a}}",
            "mounts[extra].path: Invalid value: \"/a/../etc\": must be an absolute path without '..'"
                + " and ':', for example /etc/kubernetes/extra"),
        mount(
            "extra: {path: /etc//kubernetes/pki/etcd/, configMap: {name: a}}",
            "mounts[extra].path: Invalid value: \"/etc//kubernetes/pki/etcd/\": must neither be"
                + " in nor contain /etc/kubernetes/pki, which the controller fills"),
        mount(
            "extra: {path: /run/, configMap: {name: a}}",
            "mounts[extra].path: Invalid value: \"/run/\": must neither be in nor contain"
                + " /run/hcp-kms, which the controller fills",
            "mounts[extra].path: Invalid value: \"/run/\": must neither be in nor contain"
                + " /run/konnectivity, which the controller fills"),
        mount(
            "extra: {path: /etc/kubernetes/authentication/a, configMap: {name: a}}",
            "mounts[extra].path: Invalid value: \"/etc/kubernetes/authentication/a\": must neither"
                + " be in nor contain /etc/kubernetes/authentication, which the controller fills"),
        mount(
            "extra: {path: /etc/kubernetes/audit, configMap: {name: a}}",
            "mounts[extra].path: Invalid value: \"/etc/kubernetes/audit\": must neither be in nor"
                + " contain /etc/kubernetes/audit, which the controller fills"),
        mount(
            "audit-config: {path: /extra, configMap: {name: a}}",
            "mounts[audit-config]: Invalid value: \"audit-config\": must have another name: the"
                + " controller has a volume of that name"),
        mount(
            "authentication-config: {path: /extra, configMap: {name: a}}",
            "mounts[authentication-config]: Invalid value: \"authentication-config\": must have"
                + " another name: the controller has a volume of that name"),
        mount(
            "konnectivity-uds: {path: /extra, configMap: {name: a}}",
            "mounts[konnectivity-uds]: Invalid value: \"konnectivity-uds\": must have another name:"
                + " the controller has a volume of that name"),
        mount(
            "Extra: {path: /extra, configMap: {name: a}}",
            "mounts[Extra]: Invalid value: \"Extra\": must be 1 to 63 lower-case letters, digits or"
                + " '-', with a letter or digit at both ends"),
        mount(
            "a: {path: /extra, configMap: {name: a}}, b: {path: /extra/, configMap: {name: a}}",
            "mounts[b].path: Invalid value: \"/extra/\": must differ from the path of mount a"),
        mount(
            "extra: {path: /extra, secret: {optional: true}}",
            "mounts[extra].secret.secretName: Invalid value: \"\": must be 1 to 253 lower-case"
                + " letters, digits, '-' or '.', with a letter or digit at the ends of each part"),
        mount(
            "a: {path: /extra, configMap: {name: a}}, b: {path: /extra/b, configMap: {name: a}}",
            "mounts[b].path: Invalid value: \"/extra/b\": must neither be in nor contain /extra, the"
                + " path of mount a: volumes are read-only"),
        mount(
            "extra: {path: /var/run/./konnectivity, configMap: {name: a}}",
            "mounts[extra].path: Invalid value: \"/var/run/./konnectivity\": must neither be in nor"
                + " contain /run/konnectivity, which the controller fills"),
        mount(
            "extra: {path: /usr, configMap: {name: a}}",
            "mounts[extra].path: Invalid value: \"/usr\": must neither be in nor contain /usr/bin,"
                + " which the container needs"),
        mount(
            "extra: {path: /var/run/secrets/kubernetes.io/serviceaccount, configMap: {name: a}}",
            "mounts[extra].path: Invalid value:"
                + " \"/var/run/secrets/kubernetes.io/serviceaccount\": must neither be in nor contain"
                + " /run/secrets, which the container needs"),
        mount(
            "extra: {path: /extra, configMap: {name: a, defaultMode: 512}}",
            "mounts[extra].configMap.defaultMode: Invalid value: 512: must be 0 to 511 (octal"
                + " 0777), for example 288 (octal 0440)"),
        mount(
            "extra: {path: /extra, secret: {secretName: a, items: [{key: a, path: a, mode: -1}]}}",
            "mounts[extra].secret.items[0].mode: Invalid value: -1: must be 0 to 511 (octal 0777),"
                + " for example 288 (octal 0440)"),
        mount(
            "extra: {path: /extra, secret: {secretName: a, items: [{key: a, path: a/../b}]}}",
            "mounts[extra].secret.items[0].path: Invalid value: \"a/../b\": must be a path relative"
                + " to that of the mount, without '..', for example tls/ca.crt"),
        mount(
            "extra: {path: /extra, secret: {secretName: a, items: [{key: a, path: /a}]}}",
            "mounts[extra].secret.items[0].path: Invalid value: \"/a\": must be a path relative to"
                + " that of the mount, without '..', for example tls/ca.crt"),
        mount(
            "extra: {path: /extra, secret: {secretName: a, items: [{key: a, path: c}, {key: b, path:"
                + " c}]}}",
            "mounts[extra].secret.items[1].path: Invalid value: \"c\": must differ from the other"
                + " paths"),

        // Containers
        wrong(
            "etcd: {args: {--v: '4'}}",
            "spec.etcd.args[--v]: Invalid value: \"--v\": must be the name of a flag without the"
                + " dashes in front, for example feature-gates"),
        wrong(
            "kubeProxy: {priorityClassName: High}",
            "spec.kubeProxy.priorityClassName: Invalid value: \"High\": must be 1 to 253 lower-case"
                + " letters, digits, '-' or '.', with a letter or digit at the ends of each part"),
        wrong(
            "etcd: {resources: {limits: {cpu: '1', memory: -1Gi}, requests: {cpu: 1500m}}}",
            "spec.etcd.resources.limits[memory]: Invalid value: \"-1Gi\": must be a quantity that is"
                + " not negative and less than 8Ei, for example 500m or 10Gi",
            "spec.etcd.resources.requests[cpu]: Invalid value: \"1500m\": must be at most the limit,"
                + " 1"),

        // Exposure
        wrong(
            "exposure: {gatewayPort: 20000}",
            "spec.exposure.gatewayPort: Invalid value: 20000: needs inClusterAccess: Gateway"),
        wrong(
            "exposure: {inClusterAccess: Gateway, gatewayPort: 70000}",
            "spec.exposure.gatewayPort: Invalid value: 70000: must be a port, 1 to 65535"),
        wrong(
            "exposure: {inClusterAccess: Gateway, service: {type: LoadBalancer}}",
            "spec.exposure.service.type: Invalid value: \"LoadBalancer\": must be ClusterIP or"
                + " NodePort with inClusterAccess: Gateway"),
        wrong(
            "exposure: {service: {type: NodePort}}",
            "spec.exposure.service.type: Invalid value: \"NodePort\": must be LoadBalancer or"
                + " ClusterIP unless inClusterAccess is Gateway"),
        wrong(
            "exposure: {inClusterAccess: Gateway, service: {loadBalancerClass: a,"
                + " loadBalancerSourceRanges: [10.0.0.0/8], externalTrafficPolicy: Local}}",
            "spec.exposure.service.loadBalancerClass: Invalid value: \"a\": needs a Service of type"
                + " LoadBalancer",
            "spec.exposure.service.loadBalancerSourceRanges: Invalid value: \"10.0.0.0/8\": needs a"
                + " Service of type LoadBalancer",
            "spec.exposure.service.externalTrafficPolicy: Invalid value: \"Local\": needs a Service"
                + " of type LoadBalancer or NodePort"),
        wrong(
            "exposure: {service: {type: ClusterIP, externalTrafficPolicy: Cluster}}",
            "spec.exposure.service.externalTrafficPolicy: Invalid value: \"Cluster\": needs a"
                + " Service of type LoadBalancer or NodePort"),
        wrong(
            "exposure: {service: {loadBalancerClass: 'Not/A/Class'}}",
            "spec.exposure.service.loadBalancerClass: Invalid value: \"Not/A/Class\": must be a name"
                + " such as internal or example.com/internal"),
        wrong(
            "exposure: {service: {loadBalancerSourceRanges: [10.0.0.0/8, 10.0.0.1]}}",
            "spec.exposure.service.loadBalancerSourceRanges[1]: Invalid value: \"10.0.0.1\": must be"
                + " a range such as 192.0.2.0/24 or 2001:db8::/32"),
        wrong(
            "exposure: {service: {ipFamilies: [IPv4, IPv4]}}",
            "spec.exposure.service.ipFamilies: Invalid value: \"IPv4,IPv4\": must be one family, or"
                + " two different ones"),
        wrong(
            "exposure: {service: {ipFamilyPolicy: SingleStack, ipFamilies: [IPv6, IPv4]}}",
            "spec.exposure.service.ipFamilies: Invalid value: \"IPv6,IPv4\": must be one family with"
                + " ipFamilyPolicy: SingleStack"),

        // Audit
        audit(
            "policy: {apiVersion: v1, kind: ConfigMap, rules: []}",
            "policy.apiVersion: Invalid value: \"v1\": must be audit.k8s.io/v1",
            "policy.kind: Invalid value: \"ConfigMap\": must be Policy",
            "policy.rules: must have at least one rule"),
        audit(
            "policy: {rules: [{level: None, omitStages: [Never]}]}",
            "policy.rules[0].omitStages[0]: Invalid value: \"Never\": must be RequestReceived,"
                + " ResponseStarted, ResponseComplete or Panic"),
        audit(
            "policy: {rules: [{level: None, namespaces: [a], nonResourceURLs: [healthz]}]}",
            "policy.rules[0].nonResourceURLs: Invalid value: \"healthz\": must be in a rule of their"
                + " own, without resources and namespaces",
            "policy.rules[0].nonResourceURLs[0]: Invalid value: \"healthz\": must be *, or begin"
                + " with / and have * at the end only"),
        audit(
            "policy: {rules: [{level: None, resources: [{resourceNames: [a]}]}]}",
            "policy.rules[0].resources[0].resourceNames: Invalid value: \"a\": must come with"
                + " resources"),
        audit(
            "{policy: {rules: [{level: None}]}, webhook: {targets: [{server: 'sink:80'},"
                + " {server: 'https://sink', authentication: {secretName: '', tokenKey: a/b}}]}}",
            "webhook.targets[0].server: Invalid value: \"sink:80\": must be an http or"
                + " https URL without user and fragment, for example"
                + " https://audit.example.com/events",
            "webhook.targets[1].authentication.secretName: Invalid value: \"\": must be 1 to 253"
                + " lower-case letters, digits, '-' or '.', with a letter or digit at the ends of"
                + " each part",
            "webhook.targets[1].authentication.tokenKey: Invalid value: \"a/b\": must be 1 to 253"
                + " letters, digits, '-', '_' or '.'"),
        audit(
            "{policy: {rules: [{level: None}]}, webhook: {targets: [{server: 'http://sink',"
                + " certificateAuthority: none}]}}",
            "webhook.targets[0].certificateAuthority: Invalid value: \"(4 characters)\": must be one or"
                + " more certificates in PEM form, and nothing else",
            "webhook.targets[0].server: Invalid value: \"http://sink\": must be an https URL, since"
                + " certificateAuthority is set"),
        audit(
            "{policy: {rules: [{level: None}]}, webhook: {targets: [{server: 'http://sink'}],"
                + " args: {g: daemon off;, timeout: '30', buffer: 8, log-level: loud}}}",
            "webhook.args[g]: Invalid value: \"g\": must be a flag of the forwarder: buffer,"
                + " log-level or timeout",
            "webhook.args[timeout]: Invalid value: \"30\": must be a number of seconds from 1 to 25",
            "webhook.args[buffer]: Invalid value: \"8\": must be a number of mebibytes from 12 to"
                + " 999",
            "webhook.args[log-level]: Invalid value: \"loud\": must be debug, info, warn or error"),
        audit(
            "{policy: {rules: [{level: None}]}, webhook: {targets: []}}",
            "webhook.targets: must have at least one receiver"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("mistakes")
  void namesFieldValueAndWhatIsAccepted(String spec, List<String> errors) {
    assertThat(Validator.create(Specs.controlPlane(spec)))
        .extracting(FieldError::toString)
        .containsExactlyInAnyOrderElementsOf(errors);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("mistakes")
  void templatesFollowTheSameRules(String spec, List<String> errors) {
    var expected =
        errors.stream()
            .filter(error -> !error.startsWith("spec.replicas"))
            .map(error -> error.replaceFirst("^spec\\.", "spec.template.spec."))
            .toList();
    assertThat(Validator.create(Specs.template("", spec)))
        .extracting(FieldError::toString)
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  /** What may be added to a valid spec. */
  static final List<String> ACCEPTED =
      List.of(
          "",
          "replicas: 1",
          "etcd: {replicas: 1}",
          "etcd: {replicas: 5}",
          "etcd: {autoGrow: true}",
          "etcd: {autoGrow: false, volumeSize: 10Gi}",
          "etcd: {volumeSize: 0}",
          "etcd: {autoGrow: true, volumeSize: 0Gi}",
          "etcd: {storageClassName: ''}",
          "etcd: {backup: {schedule: '@daily', secret: {name: s3}}}",
          "etcd: {backup: {schedule: '0 0 29 2 *', secret: {name: s3, namespace: backup}}}",
          "etcd: {backup: {schedule: '0 0 30 2 1', secret: {name: s3}}}",
          "etcd: {backup: {schedule: '*/15,3 8-18/2 * 1-6 1,3-5', secret: {name: s3}}}",
          "etcd: {backup: {schedule: '@monthly', timeZone: Europe/Berlin, secret: {name: s3},"
              + " retention: {count: 7, age: 720h}, encryption: {secretName: key}}}",
          "etcd: {quorumLoss: {policy: FromSurvivor}}",
          "etcd: {backup: {schedule: '@daily', secret: {name: s3}}, quorumLoss: {policy: FromBackup,"
              + " maxBackupAge: 24h}}",
          "certificates: {}",
          "certificates: {rootCaCertificateDuration: 48h, caCertificateDuration: 48h}",
          "certificates: {rootCaCertificateDuration: 48h}",
          "certificates: {caCertificateDuration: 48h}",
          "certificates: {caCertificateDuration: 175200h}",
          "certificates: {caCertificateDuration: 48h, leafCertificateDuration: 24h}",
          "deployment: {apiServer: {mounts: {a: {path: /etc/kubernetes/pkix, configMap: {name: a}},"
              + " b: {path: /b, secret: {secretName: a.b}}}}}",
          "deployment: {apiServer: {args: {v: '4', feature-gates: WatchList=true}}}",
          "etcd: {resources: {limits: {cpu: 1}, requests: {cpu: 500m, memory: 1Gi}}}",
          "deployment: {apiServer: {audit: {policy: {rules: [{level: None}]}, webhook: {targets:"
              + " [{server: 'http://a', authentication: {secretName: a}}], args: {buffer: '64',"
              + " timeout: '25', log-level: warn}}}}}",
          "exposure: {}",
          "exposure: {inClusterAccess: LoadBalancer, service: {type: ClusterIP}}",
          "exposure: {inClusterAccess: Gateway, gatewayPort: 20001}",
          "exposure: {inClusterAccess: Gateway, service: {type: NodePort, externalTrafficPolicy:"
              + " Local, annotations: {a: b}}}",
          "exposure: {service: {loadBalancerClass: example.com/internal, externalTrafficPolicy:"
              + " Local, loadBalancerSourceRanges: [10.0.0.0/8, 'fd00::/8'], ipFamilyPolicy:"
              + " RequireDualStack, ipFamilies: [IPv6, IPv4]}}",
          "oidcProviders: {'https://a/realm': {audiences: [x, y], claimMappings: {username: claims.sub}}}",
          "oidcProviders: {'https://a': {audiences: [x], claimMappings: {username: claims.email},"
              + " claimValidationRules: [{expression: claims.email_verified == true}]}}");

  @ParameterizedTest
  @FieldSource("ACCEPTED")
  void acceptsWhatWorks(String spec) {
    assertThat(Validator.create(Specs.controlPlane(spec))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"banana", "", "v1.30.9", "v1.38.0", "v2.31.0", "1", "v1.36.3 "})
  void rejectsWhatIsNoHostedVersion(String version) {
    assertThat(Validator.create(Specs.withVersion(version, "")))
        .extracting(FieldError::toString)
        .containsExactly(
            "spec.version: Invalid value: \"%s\": must be a Kubernetes version v1.31 to v1.37, for example v1.36.3"
                .formatted(version));
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1.31.0", "1.37.2", "v1.36", "v1.36.0-rc.1", "v1.36.3+vendor.1"})
  void acceptsVersionsOfTheTable(String version) {
    assertThat(Validator.create(Specs.withVersion(version, ""))).isEmpty();
  }

  @Test
  void reportsAllMistakesAtOnce() {
    var object = Specs.withVersion("banana", "replicas: 0\netcd: {replicas: 2, autoGrow: false}");
    assertThat(Validator.create(object))
        .extracting(FieldError::path)
        .containsExactlyInAnyOrder(
            "spec.version", "spec.replicas", "spec.etcd.replicas", "spec.etcd.autoGrow");
  }

  @Test
  void rejectsAnObjectWithoutSpec() {
    assertThat(Validator.create(Specs.object("metadata: {name: demo}")))
        .extracting(FieldError::toString)
        .containsExactly("spec: must be set");
  }

  @Test
  void rejectsAnEmptyGateway() {
    var object =
        Specs.object(
            """
            metadata: {name: demo}
            spec: {version: v1.36.3, gateway: {namespace: '', name: ''}}
            """);
    assertThat(Validator.create(object))
        .extracting(FieldError::path)
        .containsExactly("spec.gateway.namespace", "spec.gateway.name");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "labels: {cluster.x-k8s.io/cluster-name: %s}",
        "ownerReferences: [{apiVersion: cluster.x-k8s.io/v1beta2, kind: Cluster, name: %s}]"
      })
  void rejectsClustersFromWhichNoServiceNamesCanBeMade(String metadata) {
    var longest = "a".repeat(47);
    assertThat(Validator.create(ownedBy(metadata, longest))).isEmpty();
    assertThat(Validator.create(ownedBy(metadata, longest + "a")))
        .extracting(FieldError::toString)
        .containsExactly(
            "metadata.ownerReferences: Invalid value: \"%sa\": must lead to a Cluster whose name is at most 47 lower-case letters, digits or '-', because names of Services and labels of pods are made from it"
                .formatted(longest));
    assertThat(Validator.create(ownedBy(metadata, "a.b"))).hasSize(1);
  }

  @Test
  void ignoresOwnersThatAreNoClusters() {
    var metadata = "ownerReferences: [{apiVersion: example.com/v1, kind: Cluster, name: %s}]";
    assertThat(Validator.create(ownedBy(metadata, "a.b"))).isEmpty();
  }

  @Test
  void neverBlocksAnObjectThatIsBeingDeleted() {
    var object =
        Specs.object(
            """
            metadata: {name: demo, deletionTimestamp: '2026-01-01T00:00:00Z'}
            spec: {version: banana, gateway: {namespace: a, name: b}}
            """);
    assertThat(Validator.create(object)).isEmpty();
    assertThat(Validator.update(Specs.controlPlane(""), object)).isEmpty();
  }

  private static HostedControlPlane ownedBy(String metadata, String name) {
    return Specs.object(
        """
        metadata: {name: demo, %s}
        spec: {version: v1.36.3, gateway: {namespace: a, name: b}}
        """
            .formatted(metadata.formatted(name)));
  }

  private static Arguments wrong(String spec, String... errors) {
    return arguments(spec, List.of(errors));
  }

  private static Arguments issuer(String url, String accepted) {
    return wrong(
        "oidcProviders: {'%s': {audiences: [x], claimMappings: {username: claims.sub}}}"
            .formatted(url),
        "spec.oidcProviders[%s]: Invalid value: \"%s\": %s".formatted(url, url, accepted));
  }

  private static Arguments provider(String fields, String... errors) {
    return wrong(
        "oidcProviders: {'https://a': {audiences: [x], %s}}".formatted(fields),
        Stream.of(errors).map(e -> "spec.oidcProviders[https://a]." + e).toArray(String[]::new));
  }

  private static Arguments mount(String mounts, String... errors) {
    return wrong(
        "deployment: {apiServer: {mounts: {%s}}}".formatted(mounts),
        Stream.of(errors).map(e -> "spec.deployment.apiServer." + e).toArray(String[]::new));
  }

  private static Arguments audit(String audit, String... errors) {
    var flow = audit.startsWith("{") ? audit : "{" + audit + "}";
    return wrong(
        "deployment: {apiServer: {audit: %s}}".formatted(flow),
        Stream.of(errors).map(e -> "spec.deployment.apiServer.audit." + e).toArray(String[]::new));
  }
}
