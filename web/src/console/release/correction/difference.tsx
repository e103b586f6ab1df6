/** The difference of a correction: the public page with its changes marked, its text, and its documents. */
import { useState } from "react"
import { Icon } from "../../../kit/layout/icon.tsx"
import { Empty } from "../../../kit/notice.tsx"
import { TextDifference } from "../../cases/text-difference.tsx"
import { MarkedPage } from "./marked-page.tsx"
import type { Correction } from "./page-changes.ts"
import { t } from "../../../messages/message.ts"

type Document = Correction["documents"][number]

/** The documents of one format, which one button shows together. */
const formats: readonly (readonly [format: string, has: (document: Document) => boolean])[] = [
    ["CSAF", ({ name }) => name.startsWith("CSAF")],
    ["CVE", ({ name }) => name.endsWith(t("(CVE JSON)"))],
    ["OSV", ({ name }) => name.endsWith("(OSV)")],
    [t("Feed"), ({ name }) => name === "Feed"],
]

export function Difference({ correction }: { correction: Correction }) {
    const [view, setView] = useState(t("Preview"))
    const offered = formats.filter(([, has]) => correction.documents.some(has))
    const has = offered.find(([format]) => format === view)?.[1]
    return (
        <section className="panel browser" aria-label={t("Difference")}>
            <header>
                <span className="url mono grow">
                    <Icon name="globe" /> {correction.address}
                </span>
                <fieldset className="segments" aria-label={t("View")}>
                    {[t("Preview"), t("Text"), ...offered.map(([format]) => format)].map((name) => (
                        <button key={name} type="button" aria-pressed={view === name} onClick={() => setView(name)}>
                            {name}
                        </button>
                    ))}
                </fieldset>
            </header>
            {view === "Preview" && <MarkedPage before={correction.before} after={correction.after} />}
            {view === "Text" && (
                <TextDifference before={sourceOf(correction.before)} after={sourceOf(correction.after)} />
            )}
            {has !== undefined && <Documents documents={correction.documents.filter(has)} />}
        </section>
    )
}

/** The texts as written. */
const sourceOf = ({ title, summary, guidance }: Correction["before"]): string =>
    [title, ...(summary === null ? [] : ["", summary]), ...(guidance === null ? [] : ["", guidance])].join("\n")

function Documents({ documents }: { documents: readonly Document[] }) {
    return documents.map(({ name, before, after }) => (
        <section key={name} className="document" aria-label={name}>
            <h3>{name}</h3>
            {after === null && before === null ? (
                <Empty title={t("This document is not built.")} />
            ) : (
                <TextDifference label={t("Difference of {name}", { name })} before={before ?? ""} after={after ?? ""} />
            )}
        </section>
    ))
}
