//! What a document becomes, read from its tables.

use super::*;
use crate::value_module::check_tables;

fn run(source: &str) -> (ModuleSummary, ModuleObject, Vec<Diagnostic>) {
    let env = [("MODE".to_owned(), "production".to_owned()), ("BASE_URL".to_owned(), "/".to_owned())];
    let (summary, object, diagnostics) = summarize_html("/app/index.html", source, &env);
    check_tables(&summary, &object);
    let html = object.html.as_ref().unwrap();
    assert!(html.relocations.is_sorted_by_key(|relocation| relocation.offset));
    assert_eq!(html.relocations.iter().filter(|found| found.kind == RelocationKind::HtmlTags).count(), 1);
    (summary, object, diagnostics)
}

/// The text, URLs as `{specifier}`, the place of the tags as `{TAGS}`.
fn text(summary: &ModuleSummary, object: &ModuleObject) -> String {
    let html = object.html.as_ref().unwrap();
    let mut out = String::new();
    let mut at = 0;
    for relocation in &html.relocations {
        let offset = relocation.offset as usize;
        out.push_str(&html.text[at..offset]);
        match relocation.kind {
            RelocationKind::HtmlTags => out.push_str("{TAGS}"),
            _ => out.push_str(&format!("{{{}}}", summary.requests.get(relocation.request()).unwrap().specifier)),
        }
        at = offset;
    }
    out + &html.text[at..]
}

fn splice(source: &str) -> String {
    let (summary, object, diagnostics) = run(source);
    assert_eq!(diagnostics, vec![]);
    text(&summary, &object)
}

/// The document with the tags at its start, for tests about other things.
fn body(source: &str) -> String {
    splice(source).replacen("{TAGS}", "", 1)
}

fn requests(source: &str) -> Vec<(RequestKind, String)> {
    run(source).0.requests.iter().map(|request| (request.kind, request.specifier.to_string())).collect()
}

#[test]
fn scripts_and_style_sheets_become_requests_in_document_order() {
    let source = "<!doctype html>\n<html>\n  <head>\n    <title>x</title>\n    <link rel=\"stylesheet\" href=\"./a.css\">\n    <script type=\"module\" src=\"/src/main.tsx\"></script>\n    <link rel=stylesheet href=b.css />\n  </head>\n  <body>\n    <script type=\"module\">\n      import './c.js'\n    </script>\n    <p>y</p>\n  </body>\n</html>\n";
    assert_eq!(
        splice(source),
        "<!doctype html>\n<html>\n  <head>\n    <title>x</title>\n    {TAGS}\n  </head>\n  <body>\n    <p>y</p>\n  </body>\n</html>\n"
    );
    assert_eq!(
        requests(source),
        [
            (RequestKind::HtmlStyle, "./a.css".to_owned()),
            (RequestKind::HtmlScript, "/src/main.tsx".to_owned()),
            (RequestKind::HtmlStyle, "./b.css".to_owned()),
            (RequestKind::HtmlScript, "index.html?html-proxy&index=0.js".to_owned())
        ]
    );
    let (summary, object, _) = run(source);
    assert_eq!(summary.format, ModuleFormat::Html);
    let html = object.html.unwrap();
    assert_eq!(html.inline_scripts[0].source, "\n      import './c.js'\n    ");
    assert!(source[html.inline_scripts[0].offset as usize..].starts_with("\n      import"));
    let span = object.request_spans.as_slice()[1];
    assert_eq!(&source[span.start as usize..span.end as usize], "\"/src/main.tsx\"");
}

#[test]
fn tags_go_to_the_head_whatever_is_there() {
    assert_eq!(
        splice("<head><title>x</title></head><body><script type=module src=a.js></script>"),
        "<head><title>x</title>{TAGS}</head><body>"
    );
    assert_eq!(splice("<title>x</title><body>y"), "<title>x</title>{TAGS}<body>y");
    assert_eq!(splice("<!-- </head> --><html><p>y"), "<!-- </head> --><html>{TAGS}<p>y");
    assert_eq!(splice("<!DOCTYPE html><p>y"), "<!DOCTYPE html>{TAGS}<p>y");
    assert_eq!(splice("<p>y"), "{TAGS}<p>y");
    assert_eq!(splice(""), "{TAGS}");
    assert_eq!(
        splice("<div id=app></div>\n<script type=module src=./a.js></script>\n"),
        "<div id=app></div>\n{TAGS}\n"
    );
}

#[test]
fn assets_of_every_kind_are_found_however_they_are_quoted() {
    assert_eq!(
        body(
            "<IMG SRC=a.png SRCSET='b.png 1x, https://x/c.png 2x'><video poster=\"d.png\" src=e.mp4></video><source srcset=f.webp><audio src='/g.mp3'/>"
        ),
        "<IMG SRC=\"{./a.png}\" SRCSET=\"{./b.png} 1x, https://x/c.png 2x\"><video poster=\"{./d.png}\" src=\"{./e.mp4}\"></video><source srcset=\"{./f.webp}\"><audio src=\"{/g.mp3}\"/>"
    );
    assert_eq!(
        body(
            "<link rel=\"shortcut icon\" href=i.svg><link rel=manifest href=m.json><link rel=preload as=font href=f.woff2><meta property=og:image content=o.png>"
        ),
        "<link rel=\"shortcut icon\" href=\"{./i.svg?no-inline}\"><link rel=manifest href=\"{./m.json?no-inline}\"><link rel=preload as=font href=\"{./f.woff2}\"><meta property=og:image content=\"{./o.png?no-inline}\">"
    );
    assert_eq!(
        body(
            "<svg><use href=\"s.svg#a\"/><image xlink:href=p.png /></svg><object data=x.svg></object><img src='y.svg#v'>"
        ),
        "<svg><use href=\"{./s.svg?no-inline}#a\"/><image xlink:href=\"{./p.png}\" /></svg><object data=\"{./x.svg}\"></object><img src=\"{./y.svg?no-inline}#v\">"
    );
}

#[test]
fn what_is_not_ours_stays_to_the_byte() {
    for source in [
        "<img src=\"https://x/a.png\"><img src=//x/a.png><img src=data:,x><img src=\"\"><img src><a href=\"./b.html\">",
        "<link rel=canonical href=/x><link rel=alternate href=feed.xml><meta name=description content=a.png>",
        "<!--<img src=a.png>--><!--[if IE]><script type=module src=a.js></script><![endif]--><textarea><img src=a.png></textarea>",
        "<script type=importmap>{}</script><script type=module src=https://x/a.js></script><script>'<img src=a.png>'</script>",
        "<script type=module src=a.js",
        "<script type=module>import './x'",
        "<img src='a.png",
        "<style>a{b:url(x.png)}",
        "<a title='a &amp; b' style=\"color:red\">é\r\n\u{2028}</a>",
        "<script src=/public.js></script>",
        "<svg><style>a{b:c}</style><script type=module src=a.js></script></svg>",
    ] {
        assert_eq!(body(source), source);
    }
}

#[test]
fn entities_in_attributes_are_read_and_written() {
    assert_eq!(body("<img src='a&amp;b.png?x=1&amp;y' alt=\"q\">"), "<img src=\"{./a&b.png}?x=1&amp;y\" alt=\"q\">");
    assert_eq!(
        body("<p style='background: url(&quot;a.png&quot;) ; color: red; --q: \"&lt;\"'>"),
        "<p style=\"background: url(&quot;{./a.png}&quot;) ; color: red; --q: &quot;<&quot;\">"
    );
}

#[test]
fn style_blocks_are_spliced_or_bundled_if_they_import() {
    assert_eq!(
        body(
            "<style>a { background: url(a.png) } /* url(no) */ b{c:url('https://x')}</style><div style=\"b:url('c.png')\"></div>"
        ),
        "<style>a { background: url(\"{./a.png}\") } /* url(no) */ b{c:url('https://x')}</style><div style=\"b:url(&quot;{./c.png}&quot;)\"></div>"
    );
    assert_eq!(
        body("<style>a{b:image-set('x.png' 1x, url( 'y.png?a&b' ) 2x)}</style><p style=b:url(z.png)>"),
        "<style>a{b:image-set(url(\"{./x.png}\") 1x, url( \"{./y.png}?a&b\" ) 2x)}</style><p style=\"b:url(&quot;{./z.png}&quot;)\">"
    );
    let source = "<style>@import './x.css';\na{b:c}</style>";
    assert_eq!(body(source), "");
    assert_eq!(requests(source), [(RequestKind::HtmlStyle, "index.html?html-proxy&index=0.css".to_owned())]);
    assert_eq!(run(source).1.html.unwrap().inline_scripts[0].source, "@import './x.css';\na{b:c}");
}

#[test]
fn style_sheets_with_media_keep_their_condition_and_others_stay_apart() {
    let source = "<link rel=stylesheet href=\"p'\\.css\" media=print><link rel=stylesheet href=a.css media=all>";
    assert_eq!(body(source), "");
    let (_, object, _) = run(source);
    assert_eq!(object.html.unwrap().inline_scripts[0].source, "@import \"./p'\\\\.css\" print;");
    assert_eq!(
        body("<link rel='alternate stylesheet' href=a.css><noscript><link rel=stylesheet href=b.css></noscript>"),
        "<link rel='alternate stylesheet' href=\"{./a.css?url}\"><noscript><link rel=stylesheet href=\"{./b.css?url}\"></noscript>"
    );
}

#[test]
fn preloads_of_what_is_bundled_are_taken_out() {
    assert_eq!(body("<link rel=modulepreload href=/src/a.js>\n<link rel=preload as=style href=a.css>\n<p>"), "<p>");
    let outside = "<link rel=modulepreload href=https://x/a.js>";
    assert_eq!(body(outside), outside);
}

#[test]
fn variables_are_replaced_and_places_still_lead_to_the_source() {
    let source = "<title>%MODE% %OTHER%</title><link rel=icon href=\"%BASE_URL%f.ico\"><script src=./old.js></script>";
    let (summary, object, diagnostics) = run(source);
    assert_eq!(
        text(&summary, &object),
        "{TAGS}<title>production %OTHER%</title><link rel=icon href=\"{/f.ico?no-inline}\"><script src=./old.js></script>"
    );
    assert_eq!(diagnostics.len(), 1);
    assert_eq!(diagnostics[0].code, "HTML_CLASSIC_SCRIPT");
    assert_eq!(diagnostics[0].loc.as_ref().map(|loc| loc.column as usize), source.find("./old.js"));
}

#[test]
fn a_base_element_is_respected() {
    assert_eq!(
        requests("<base href=/><img src=a.png><img src=./b.png><img src=/c.png>")
            .iter()
            .map(|found| &*found.1)
            .collect::<Vec<_>>(),
        ["/a.png", "/b.png", "/c.png"]
    );
    let source = "<img src=a.png><base href=\"/app/\"><img src=/c.png>";
    let (summary, object, diagnostics) = run(source);
    assert_eq!(text(&summary, &object), "{TAGS}<img src=a.png><base href=\"/app/\"><img src=\"{/c.png}\">");
    assert_eq!(diagnostics[0].code, "HTML_BASE");
}

#[test]
fn scripts_in_templates_stay_with_a_warning() {
    let source = "<template><script type=module src=a.js></script><img src=b.png></template>";
    let (summary, object, diagnostics) = run(source);
    assert_eq!(
        text(&summary, &object),
        "{TAGS}<template><script type=module src=a.js></script><img src=\"{./b.png}\"></template>"
    );
    assert_eq!(diagnostics[0].code, "HTML_TEMPLATE");
}

#[test]
fn hostile_documents_are_spliced_or_left() {
    for odd in [
        "\0",
        "<",
        "</",
        "<!",
        "<!--",
        "<img src=\0a.png>",
        "<img src='a\0.png'>",
        "\u{feff}<p>",
        "<script type=module></script>",
        "<![CDATA[",
        "<img src=\"&#0;\">",
    ] {
        run(odd);
    }
    run(&"<div style=\"b:url(a.png)\">".repeat(20_000));
    run(&format!("<img src=\"{}\">", "x".repeat(100_000)));
    run(&format!("<style>{}</style>", "{".repeat(100_000)));
    run(&"<svg><template><noscript>".repeat(30_000));
}
