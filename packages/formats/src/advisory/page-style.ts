/** The style of public pages: advisories, their list, the program and the annual report. Pages load nothing else. */

const colours = `:root {
    color-scheme: light dark;
    --ground: light-dark(#ffffff, #0f131a);
    --sunken: light-dark(#f5f6f8, #161b24);
    --ink: light-dark(#10161f, #e8ecf2);
    --ink-2: light-dark(#455063, #b0bac8);
    --ink-3: light-dark(#5d6879, #8e99aa);
    --line: light-dark(#e5e8ed, #212936);
    --line-2: light-dark(#cfd5de, #323c4c);
    --accent: light-dark(#2a49c7, #9db0ff);
    --accent-wash: light-dark(#eef1fe, #1a2340);
    --good: light-dark(#0a704c, #4cc38a);
    --reduced: light-dark(#6139c0, #a98bff);
    --later: light-dark(#d98a00, #e0a030);
    --withheld: light-dark(#a9b3c4, #5a6678);
    --bad: light-dark(#b3192d, #ff8b95);
    --bell: #ffb81c;
    --mono: "JetBrains Mono", ui-monospace, Menlo, Consolas, monospace;
}
`

const frame = `* { box-sizing: border-box }
html { background: var(--ground); -webkit-text-size-adjust: 100% }
body { max-width: 70rem; margin: 0 auto; padding: 0 1.5rem; color: var(--ink);
font: .94rem/1.6 "Inter", system-ui, -apple-system, "Segoe UI", sans-serif }
a { color: var(--accent); text-underline-offset: 3px }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 2px }
.bar { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .5rem 2rem;
padding: .8rem 0; border-bottom: 1px solid var(--line) }
.brand { display: flex; align-items: center; gap: .6rem; color: var(--ink); font-weight: 640; line-height: 1.2;
text-decoration: none; overflow-wrap: anywhere }
.brand svg { flex: none }
.brand small { display: block; color: var(--ink-3); font-weight: 400 }
.night { fill: #16203a }
.bell { fill: var(--bell) }
nav { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1.6rem }
nav a { padding: .3rem 0; color: var(--ink-2); font-size: .88rem; font-weight: 560; text-decoration: none }
nav a:hover, footer a:hover { text-decoration: underline }
nav a[aria-current] { color: var(--ink); font-weight: 640 }
nav .apply { padding: .4rem .8rem; border: 1px solid var(--line-2); border-radius: 6px; color: var(--ink) }
main { padding: 2.6rem 0 4rem }
footer { display: flex; flex-wrap: wrap; gap: .5rem 1.6rem; padding: 1.2rem 0 2.5rem;
border-top: 1px solid var(--line); color: var(--ink-2); font-size: .85rem; overflow-wrap: anywhere }
footer a { text-decoration: none }
footer .end { margin-left: auto }
.above { margin: 0 0 .4rem; color: var(--ink-2); font-size: .88rem; font-weight: 600 }
.tlp { padding: .1rem .4rem; border-radius: 3px; background: #000; color: #fff; font: 600 .72rem var(--mono) }
h1 { max-width: 26ch; margin: 0 0 1rem; font-size: clamp(1.7rem, 5vw, 2.5rem); font-weight: 660; line-height: 1.12;
letter-spacing: -.022em; overflow-wrap: anywhere }
h2 { margin: 2.5rem 0 .5rem; font-size: 1.2rem; font-weight: 640; line-height: 1.3; letter-spacing: -.01em }
h3, h4, h5, h6 { margin: 1.5rem 0 .25rem; font-size: 1rem; font-weight: 620 }
p, ul, ol, blockquote { max-width: 44rem }
p, li { margin-block: .5rem; overflow-wrap: anywhere }
ul, ol { padding-left: 1.35rem }
li::marker { color: var(--ink-3) }
small { font-size: .85em }
.soft, small { color: var(--ink-2) }
.lead { color: var(--ink-2); font-size: 1.08rem }
.summary > p:first-child { color: var(--ink-2); font-size: 1.08rem }
blockquote { margin-inline: 0; padding: .25rem 1rem; border-left: 3px solid var(--line); color: var(--ink-2) }
pre { overflow-x: auto; padding: .9rem 1rem; border: 1px solid var(--line); border-radius: 6px;
background: var(--sunken) }
code, pre { font-family: var(--mono); font-size: .9em }
`

const parts = `.facts { display: flex; flex-wrap: wrap; margin: 1.4rem 0 0; border-block: 1px solid var(--line) }
.facts > div { flex: 1 1 auto; padding: .8rem 1.5rem .8rem 0 }
.facts > div + div { padding-left: 1.5rem; border-left: 1px solid var(--line) }
.facts dt { color: var(--ink-3); font-size: .85rem }
.facts dd { margin: 0; font-weight: 600; font-variant-numeric: tabular-nums }
.score { padding: .1rem .35rem; border-radius: 4px; background: light-dark(#ffeadf, #3a1f10);
color: light-dark(#a13c00, #ffab78); font-size: .85rem }
.score.low, .score.none { background: var(--sunken); color: var(--ink-2) }
.score.medium { background: light-dark(#fff1cf, #33270a); color: light-dark(#7a5200, #f0c060) }
.score.critical { background: light-dark(#fde3e6, #3d151b); color: light-dark(#a3142a, #ff9aa4) }
.columns { display: grid; grid-template-columns: minmax(0, 1fr) 18rem; gap: 0 3.5rem }
.flow > :first-child, .rail > :first-child > h2 { margin-top: 1.8rem }
.rail h2 { margin: 2rem 0 .4rem; font-size: 1rem }
.rail { color: var(--ink-2); font-size: .85rem }
.downloads, .advisories { padding: 0; list-style: none }
.downloads li { margin: 0; padding: .5rem 0; border-bottom: 1px solid var(--line) }
.downloads a { font-weight: 560; text-decoration: none }
.downloads small, .advisories small { display: block }
.hash { font: .78rem/1.6 var(--mono); overflow-wrap: anywhere }
.advisories { max-width: none; border-top: 1px solid var(--line) }
.advisories li { display: grid; grid-template-columns: 12.5rem minmax(0, 1fr) 6.5rem; gap: .25rem 1.5rem; margin: 0;
padding: .9rem 0; border-bottom: 1px solid var(--line) }
.advisories a { font-weight: 620; text-decoration: none }
.when { color: var(--ink-3); font-variant-numeric: tabular-nums }
ol { padding: 0; list-style: none; counter-reset: step }
ol > li { position: relative; padding-left: 2.5rem; counter-increment: step }
ol > li::before { position: absolute; left: 0; content: counter(step); width: 1.5rem; height: 1.5rem;
border-radius: 50%; background: var(--accent-wash); color: var(--accent); font-size: .8rem; font-weight: 640;
line-height: 1.5rem; text-align: center }
ol > li > p { margin: 0 }
table { width: 100%; margin: .5rem 0; border-collapse: collapse; font-size: .9rem;
font-variant-numeric: tabular-nums }
th, td { padding: .6rem 1rem .6rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top;
overflow-wrap: anywhere }
th { color: var(--ink-3); font-size: .85rem; font-weight: 540; overflow-wrap: break-word }
td:first-child { font-weight: 580 }
.listing td { overflow-wrap: break-word }
details .listing { max-width: 44rem }
[data-name="Id"], [data-name="CVSS vector"], [data-name="Fixed in"] { font-family: var(--mono); font-size: .82rem }
[data-name="Id"] { white-space: nowrap }
.listing [data-name="CVSS vector"] { overflow-wrap: anywhere }
.numbers { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); margin: 2rem 0 0;
border-block: 1px solid var(--line) }
.numbers > div { display: flex; flex-direction: column-reverse; justify-content: flex-end; padding: 1rem 1.5rem }
.numbers > div:first-child { padding-left: 0 }
.numbers > div + div { border-left: 1px solid var(--line) }
.numbers dt { color: var(--ink-2); font-size: .9rem }
.numbers dd { margin: 0; font-size: 2.4rem; font-weight: 640; line-height: 1.2; letter-spacing: -.02em }
.numbers small { margin-left: .15em; font-size: .5em; letter-spacing: 0 }
.halves { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 0 3rem }
details { margin: .5rem 0 }
summary { width: fit-content; padding: .2rem 0; color: var(--accent); font-size: .88rem; font-weight: 560;
cursor: pointer }
figure { margin: .5rem 0 }
figcaption { color: var(--ink-2); font-size: .88rem }
`

/** Colours of a chart are not the only sign: lines have names, bars have numbers, and each chart has a table. */
const charts = `.chart { display: block; width: 100%; max-width: 33rem; height: auto; overflow: visible }
.chart text { fill: var(--ink-3); font-size: 14px; font-variant-numeric: tabular-nums }
.chart .end { text-anchor: end }
.chart .middle { text-anchor: middle }
.chart .strong { fill: var(--ink); font-weight: 600 }
.chart .grid { stroke: var(--line); stroke-width: 1 }
.chart .line { fill: none; stroke-width: 2.5; stroke-linejoin: round }
.tier-validate { stroke: var(--accent); fill: var(--accent) }
.tier-advance { stroke: var(--reduced); fill: var(--reduced) }
.tier-entry { stroke: var(--later); fill: var(--later) }
.calm { fill: var(--accent) }
.exploited { fill: var(--bad) }
.full { fill: var(--good) }
.reduced { fill: var(--reduced) }
.at_publication { fill: var(--later) }
.withheld { fill: var(--withheld) }
.calm-text { color: var(--accent) }
.exploited-text { color: var(--bad) }
.caption { margin-top: 0; font-size: .88rem }
.outline { fill: none; stroke-width: 1.5 }
.reduced-line { stroke: var(--reduced) }
.later-line { stroke: var(--later) }
.rest { fill: var(--sunken) }
.bar-of-shares { display: block; width: 100%; height: 1rem; border-radius: 3px }
.shares { display: grid; grid-template-columns: 11rem minmax(0, 1fr); gap: .6rem 1.2rem; align-items: start }
.shares dt { color: var(--ink-2); font-size: .88rem; line-height: 1.1rem; text-align: right }
.shares dd { margin: 0 }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.2rem; max-width: none; padding: 0; list-style: none;
font-size: .85rem }
.legend li { display: flex; align-items: center; gap: .4rem; margin: 0 }
`

const narrow = `@media (max-width: 56rem) {
    .columns, .halves { grid-template-columns: minmax(0, 1fr) }
}
@media (max-width: 40rem) {
    body { padding-inline: 1rem }
    main { padding-top: 1.6rem }
    nav { gap: .25rem 1.1rem }
    .facts > div { flex-basis: 50%; padding-right: .5rem }
    .facts > div + div, .numbers > div, .numbers > div + div { padding-left: 0; border-left: 0 }
    .shares { grid-template-columns: minmax(0, 1fr); gap: .2rem }
    .shares dt { margin-top: .5rem; text-align: left }
    .advisories li { grid-template-columns: minmax(0, 1fr) }
    .listing thead { display: none }
    .listing tr, .listing td { display: block }
    .listing tr { padding: .7rem 0; border-bottom: 1px solid var(--line) }
    .listing td { padding: .1rem 0; border: 0 }
    .listing td::before { content: attr(data-name) ": "; color: var(--ink-3); font-weight: 400 }
    .listing td::before { font-family: "Inter", system-ui, sans-serif }
    table:not(.listing) { display: block; overflow-x: auto }
    footer .end { margin-left: 0 }
}
`

const paper = `@page { margin: 14mm }
@media print {
    :root { color-scheme: light }
    body { max-width: none; padding: 0; font-size: 10pt; print-color-adjust: exact }
    .columns { grid-template-columns: minmax(0, 1fr) }
    nav, summary { display: none }
    footer { margin-top: 1rem; padding-top: .5rem }
    .halves { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 0 2rem }
    main { padding-top: 1.2rem }
    h1 { font-size: 1.7rem }
    h2 { margin-top: 1.5rem; break-after: avoid }
    section, figure, tr, li, blockquote { break-inside: avoid }
    details::details-content { content-visibility: visible; display: block }
    .flow > section { break-inside: auto }
    a[href^="http"]::after { content: " (" attr(href) ")"; color: var(--ink-3); font-size: .85em }
}
`

/** Readable on any screen, light or dark, and on paper. */
export const pageStyle = `${colours}${frame}${parts}${charts}${narrow}${paper}`
