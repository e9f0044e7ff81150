package org.longrope.driver.report.html;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * One self-contained HTML page in the making: styles and pictures within it, no script, nothing
 * fetched. Every text given to it is plain and is escaped here, nowhere else.
 */
final class Page {
  private final String title;
  private final String subtitle;
  private final List<String> sections = new ArrayList<>();
  private final StringBuilder body = new StringBuilder();

  /**
   * A picture.
   *
   * @param png its bytes
   * @param alternative what it shows, for who cannot see it
   * @param caption one or two sentences below it
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Figure(byte[] png, String alternative, String caption) {}

  Page(String title, String subtitle) {
    this.title = title;
    this.subtitle = subtitle;
  }

  Page section(String heading) {
    body.append("<h2 id=\"section-").append(sections.size()).append("\">");
    body.append(escaped(heading)).append("</h2>\n");
    sections.add(heading);
    return this;
  }

  Page part(String heading) {
    return element("h3", "", heading);
  }

  Page text(String sentences) {
    return element("p", "", sentences);
  }

  /** What a reader must not overlook. */
  Page note(String sentences) {
    return element("p", " class=\"note\"", sentences);
  }

  /** Command lines. */
  Page code(List<String> lines) {
    body.append("<pre>");
    for (String line : lines) {
      // A browser would end a line between the hyphens of an option.
      String words = escaped(line).replace(" ", "</span> <span>");
      body.append("<code><span>").append(words).append("</span></code>");
    }
    body.append("</pre>\n");
    return this;
  }

  private Page element(String name, String attributes, String text) {
    body.append('<').append(name).append(attributes).append('>');
    body.append(escaped(text)).append("</").append(name).append(">\n");
    return this;
  }

  /** The numbers that matter most, by what they are. */
  Page keyFigures(Map<String, String> valuesByName) {
    body.append("<dl class=\"key\">\n");
    valuesByName.forEach(
        (name, value) ->
            body.append("<div><dd>")
                .append(escaped(value))
                .append("</dd><dt>")
                .append(escaped(name))
                .append("</dt></div>\n"));
    body.append("</dl>\n");
    return this;
  }

  Page table(Table table) {
    body.append(table.toHtml(Page::escaped));
    return this;
  }

  /** A long table, shown when asked for. */
  Page folded(String summary, Table table) {
    body.append("<details><summary>").append(escaped(summary)).append("</summary>\n");
    table(table);
    body.append("</details>\n");
    return this;
  }

  /** Names and values below each other. */
  Page facts(Map<String, String> valuesByName) {
    body.append("<dl class=\"facts\">\n");
    valuesByName.forEach(
        (name, value) ->
            body.append("<dt>")
                .append(escaped(name))
                .append("</dt><dd>")
                .append(escaped(value))
                .append("</dd>\n"));
    body.append("</dl>\n");
    return this;
  }

  /** Pictures below each other. */
  Page figures(List<Figure> figures) {
    return figures(figures, "stacked");
  }

  /** Small pictures, side by side where there is room. */
  Page sideBySide(List<Figure> figures) {
    return figures(figures, "beside");
  }

  private Page figures(List<Figure> figures, String layout) {
    body.append("<div class=\"").append(layout).append("\">\n");
    for (Figure figure : figures) {
      body.append("<figure><img alt=\"")
          .append(escaped(figure.alternative))
          .append("\" src=\"data:image/png;base64,")
          .append(Base64.getEncoder().encodeToString(figure.png))
          .append("\"><figcaption>")
          .append(escaped(figure.caption))
          .append("</figcaption></figure>\n");
    }
    body.append("</div>\n");
    return this;
  }

  String toHtml() {
    StringBuilder html = new StringBuilder();
    html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    html.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.append("<title>").append(escaped(title)).append("</title>\n<style>\n");
    html.append(style()).append("</style>\n</head>\n<body>\n<header>\n<h1>");
    html.append(escaped(title)).append("</h1>\n<p>").append(escaped(subtitle)).append("</p>\n");
    html.append("<nav>");
    for (int s = 0; s < sections.size(); s++) {
      html.append("<a href=\"#section-").append(s).append("\">");
      html.append(escaped(sections.get(s))).append("</a> ");
    }
    html.append("</nav>\n</header>\n<main>\n").append(body);
    return html.append("</main>\n</body>\n</html>\n").toString();
  }

  private static String style() {
    try (InputStream stream = Page.class.getResourceAsStream("report.css")) {
      if (stream == null) {
        throw new IllegalStateException("report.css is not on the class path");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
