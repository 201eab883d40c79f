package dev.hcp.process;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One flat JSON object per log record: {@code time}, {@code level} and {@code msg} as Go's slog
 * names them, then logger, thread, MDC and key-value pairs, and a stack trace as one string.
 * Logback's own encoder nests these, counts time in milliseconds and splits a trace into objects,
 * which log collectors cannot search.
 */
final class JsonLogEncoder extends EncoderBase<ILoggingEvent> {
  private static final byte[] NOTHING = new byte[0];

  @Override
  public byte[] headerBytes() {
    return NOTHING;
  }

  @Override
  public byte[] footerBytes() {
    return NOTHING;
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    var fields = fields(event);
    var json = new StringBuilder(256).append('{');
    fields.forEach((name, value) -> {
      if (json.length() > 1) {
        json.append(',');
      }
      quote(json, name);
      json.append(':');
      switch (value) {
        case Integer number -> json.append(number.intValue());
        case Long number -> json.append(number.longValue());
        case Boolean bool -> json.append(bool.booleanValue());
        default -> quote(json, value.toString());
      }
    });
    return json.append("}\n").toString().getBytes(StandardCharsets.UTF_8);
  }

  private static Map<String, Object> fields(ILoggingEvent event) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("time", event.getInstant());
    fields.put("level", event.getLevel().levelStr);
    fields.put("msg", event.getFormattedMessage());
    fields.put("logger", event.getLoggerName());
    fields.put("thread", event.getThreadName());
    var extras = new LinkedHashMap<String, Object>(event.getMDCPropertyMap());
    var pairs = event.getKeyValuePairs();
    if (pairs != null) {
      pairs.forEach(pair -> extras.put(pair.key, pair.value == null ? "null" : pair.value));
    }
    extras.forEach(
        (name, value) -> fields.put(fields.containsKey(name) ? name + "_" : name, value));
    var thrown = event.getThrowableProxy();
    if (thrown != null) {
      fields.put("stack", ThrowableProxyUtil.asString(thrown));
    }
    return fields;
  }

  private static void quote(StringBuilder json, String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> json.append("\\\"");
        case '\\' -> json.append("\\\\");
        case '\n' -> json.append("\\n");
        case '\r' -> json.append("\\r");
        case '\t' -> json.append("\\t");
        default -> {
          if (c < 0x20 || c == 0x2028 || c == 0x2029 || isLoneSurrogate(text, i)) {
            json.append("\\u%04x".formatted((int) c));
          } else {
            json.append(c);
          }
        }
      }
    }
    json.append('"');
  }

  /** A lone surrogate has no UTF-8 form; written as it is, it would become a question mark. */
  private static boolean isLoneSurrogate(String text, int index) {
    char c = text.charAt(index);
    if (Character.isHighSurrogate(c)) {
      return index + 1 == text.length() || !Character.isLowSurrogate(text.charAt(index + 1));
    }
    return Character.isLowSurrogate(c)
        && (index == 0 || !Character.isHighSurrogate(text.charAt(index - 1)));
  }
}
