package org.longrope.driver.report.html;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.longrope.driver.report.table.Html;
import org.longrope.driver.report.table.Table;

/**
 * Builder of a self-contained HTML page: it holds its styles and pictures, has no script and loads
 * nothing. It takes plain text and escapes it.
 */
final class Page {
  private final String title;
  private final String subtitle;
  private final List<String> sections = new ArrayList<>();
  private final StringBuilder body = new StringBuilder();

  /**
   * Picture of a page.
   *
   * @param png its bytes
   * @param alternative text for readers who cannot see it
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
    body.append(Html.escaped(heading)).append("</h2>\n");
    sections.add(heading);
    return this;
  }

  Page part(String heading) {
    return element("h3", "", heading);
  }

  Page text(String sentences) {
    return element("p", "", sentences);
  }

  /** Adds sentences that a reader must not overlook. */
  Page note(String sentences) {
    return element("p", " class=\"note\"", sentences);
  }

  /** Adds command lines. */
  Page code(List<String> lines) {
    body.append("<pre>");
    for (String line : lines) {
      // A browser would end a line between the hyphens of an option.
      String words = Html.escaped(line).replace(" ", "</span> <span>");
      body.append("<code><span>").append(words).append("</span></code>");
    }
    body.append("</pre>\n");
    return this;
  }

  private Page element(String name, String attributes, String text) {
    body.append('<').append(name).append(attributes).append('>');
    body.append(Html.escaped(text)).append("</").append(name).append(">\n");
    return this;
  }

  /** Adds the most important numbers, by their meaning. */
  Page keyFigures(Map<String, String> valuesByName) {
    body.append("<dl class=\"key\">\n");
    valuesByName.forEach(
        (name, value) ->
            body.append("<div><dd>")
                .append(Html.escaped(value))
                .append("</dd><dt>")
                .append(Html.escaped(name))
                .append("</dt></div>\n"));
    body.append("</dl>\n");
    return this;
  }

  /** Adds a table below one sentence, which says what its numbers are. */
  Page table(String caption, Table table) {
    // Not a caption element: on a phone it would be as wide as the table that scrolls below it.
    element("p", " class=\"caption\"", caption);
    return table(table);
  }

  Page table(Table table) {
    body.append(table.toHtml());
    return this;
  }

  /** Adds a long table that is folded until a reader opens it. */
  Page folded(String summary, Table table) {
    body.append("<details><summary>").append(Html.escaped(summary)).append("</summary>\n");
    table(table);
    body.append("</details>\n");
    return this;
  }

  /** Adds names and values below each other. */
  Page facts(Map<String, String> valuesByName) {
    body.append("<dl class=\"facts\">\n");
    valuesByName.forEach(
        (name, value) ->
            body.append("<dt>")
                .append(Html.escaped(name))
                .append("</dt><dd>")
                .append(Html.escaped(value))
                .append("</dd>\n"));
    body.append("</dl>\n");
    return this;
  }

  /** Adds pictures below each other. */
  Page figures(List<Figure> figures) {
    return figures(figures, "stacked");
  }

  /** Adds small pictures, side by side where there is room. */
  Page sideBySide(List<Figure> figures) {
    return figures(figures, "beside");
  }

  private Page figures(List<Figure> figures, String layout) {
    body.append("<div class=\"").append(layout).append("\">\n");
    for (Figure figure : figures) {
      body.append("<figure><img alt=\"")
          .append(Html.escaped(figure.alternative))
          .append("\" src=\"data:image/png;base64,")
          .append(Base64.getEncoder().encodeToString(figure.png))
          .append("\"><figcaption>")
          .append(Html.escaped(figure.caption))
          .append("</figcaption></figure>\n");
    }
    body.append("</div>\n");
    return this;
  }

  String toHtml() {
    StringBuilder html = new StringBuilder();
    html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    html.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.append("<title>").append(Html.escaped(title)).append("</title>\n<style>\n");
    html.append(style()).append("</style>\n</head>\n<body>\n<header>\n<h1>");
    html.append(Html.escaped(title))
        .append("</h1>\n<p>")
        .append(Html.escaped(subtitle))
        .append("</p>\n");
    html.append("<nav>");
    for (int s = 0; s < sections.size(); s++) {
      html.append("<a href=\"#section-").append(s).append("\">");
      html.append(Html.escaped(sections.get(s))).append("</a> ");
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
}
