/** The style of public pages: advisories, their list and the annual report. No page loads anything else. */

/** Readable on any screen, light or dark, and on paper. */
export const pageStyle = `:root {
    color-scheme: light dark;
    --ground: light-dark(#ffffff, #0f131a);
    --sunken: light-dark(#f5f6f8, #161b24);
    --ink: light-dark(#10161f, #e8ecf2);
    --ink-2: light-dark(#455063, #b0bac8);
    --ink-3: light-dark(#5d6879, #8e99aa);
    --line: light-dark(#e5e8ed, #212936);
    --accent: light-dark(#2a49c7, #9db0ff);
    --bell: #ffb81c;
}
* { box-sizing: border-box }
html { background: var(--ground); -webkit-text-size-adjust: 100% }
body { margin: 0; color: var(--ink); font: 1rem/1.6 "Inter", system-ui, -apple-system, "Segoe UI", sans-serif }
main { max-width: 62rem; margin: 0 auto; padding: 0 1.5rem 5rem; border-top: 4px solid var(--bell) }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; padding: 1rem 0; border-bottom: 1px solid var(--line) }
nav a { padding: .25rem 0; color: var(--ink-2); font-weight: 560; text-decoration: none }
a { color: var(--accent); text-underline-offset: 3px }
nav a:hover { text-decoration: underline }
a:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 2px }
h1 { max-width: 24ch; margin: 2.5rem 0 .75rem; font-size: clamp(1.7rem, 5vw, 2.5rem); font-weight: 660;
line-height: 1.12; letter-spacing: -.022em; overflow-wrap: anywhere }
h2 { margin: 2.75rem 0 .75rem; font-size: 1.25rem; font-weight: 640; line-height: 1.3; letter-spacing: -.01em }
h3, h4, h5, h6 { margin: 1.5rem 0 .25rem; font-size: 1rem; font-weight: 620 }
p, ul, ol, blockquote { max-width: 44rem }
p, li { margin-block: .5rem; overflow-wrap: anywhere }
ul, ol { padding-left: 1.35rem }
li::marker { color: var(--ink-3) }
.facts { max-width: none; padding: .7rem 0; border-block: 1px solid var(--line); color: var(--ink-2); font-size: .95rem;
font-variant-numeric: tabular-nums }
li > .facts { margin: 0; padding: 0 0 .7rem; border: 0; color: var(--ink-3) }
blockquote { margin-inline: 0; padding: .25rem 1rem; border-left: 3px solid var(--line); color: var(--ink-2) }
table { width: 100%; margin: .75rem 0; border-collapse: collapse; font-size: .95rem;
font-variant-numeric: tabular-nums }
th, td { padding: .6rem 1rem .6rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top;
overflow-wrap: anywhere }
th { color: var(--ink-3); font-size: .85rem; font-weight: 540; overflow-wrap: break-word }
td:first-child { font-weight: 580 }
.listing td { overflow-wrap: break-word }
pre { overflow-x: auto; padding: .9rem 1rem; border: 1px solid var(--line); border-radius: 6px;
background: var(--sunken) }
code, pre { font-family: "JetBrains Mono", ui-monospace, Menlo, Consolas, monospace; font-size: .9em }
main { overflow-x: auto }
@media (max-width: 40rem) {
    main { padding-inline: 1rem }
    h1 { margin-top: 1.75rem }
    .listing thead { display: none }
    .listing tr, .listing td { display: block }
    .listing tr { padding: .7rem 0; border-bottom: 1px solid var(--line) }
    .listing td { padding: .1rem 0; border: 0 }
    .listing td::before { content: attr(data-name) ": "; color: var(--ink-3); font-weight: 400 }
    table:not(.listing) { display: block; overflow-x: auto }
}
@media print {
    :root { color-scheme: light }
    main { max-width: none; padding: 0; border: 0; overflow: visible }
    nav { display: none }
    h1 { margin-top: 0; font-size: 1.7rem }
    h2 { margin-top: 1.75rem; break-after: avoid }
    tr, li, blockquote { break-inside: avoid }
    a[href^="http"]::after { content: " (" attr(href) ")"; color: var(--ink-3); font-size: .85em }
}
`
