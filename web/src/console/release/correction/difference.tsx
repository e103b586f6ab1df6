/** The difference of a correction: the public page with its changes marked, its text, and its documents. */
import { useState } from "react"
import { Icon } from "../../../kit/layout/icon.tsx"
import { Empty } from "../../../kit/notice.tsx"
import { TextDifference } from "../../cases/text-difference.tsx"
import { MarkedPage } from "./marked-page.tsx"
import type { Correction } from "./page-changes.ts"
import { t } from "../../../messages/message.ts"

type Document = Correction["documents"][number]

interface Format {
    readonly id: string
    readonly name: string
    /** By the names that the server gives to documents. */
    readonly has: (document: Document) => boolean
}

/** The documents of one format, which one button shows together. */
const formats: readonly Format[] = [
    { id: "csaf", name: "CSAF", has: ({ name }) => name.startsWith("CSAF") },
    { id: "cve", name: "CVE", has: ({ name }) => name.endsWith("(CVE JSON)") },
    { id: "osv", name: "OSV", has: ({ name }) => name.endsWith("(OSV)") },
    { id: "feed", name: t("Feed"), has: ({ name }) => name === "Feed" },
]

const textViews = [
    { id: "preview", name: t("Preview") },
    { id: "text", name: t("Text") },
] as const

export function Difference({ correction }: { correction: Correction }) {
    const [view, setView] = useState("preview")
    const offered = formats.filter(({ has }) => correction.documents.some(has))
    const has = offered.find(({ id }) => id === view)?.has
    return (
        <section className="panel browser" aria-label={t("Difference")}>
            <header>
                <span className="url mono grow">
                    <Icon name="globe" /> {correction.address}
                </span>
                <fieldset className="segments" aria-label={t("Views")}>
                    {[...textViews, ...offered].map(({ id, name }) => (
                        <button key={id} type="button" aria-pressed={view === id} onClick={() => setView(id)}>
                            {name}
                        </button>
                    ))}
                </fieldset>
            </header>
            {view === "preview" && <MarkedPage before={correction.before} after={correction.after} />}
            {view === "text" && (
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
                <TextDifference
                    label={t("Difference of {document}", { document: name })}
                    before={before ?? ""}
                    after={after ?? ""}
                />
            )}
        </section>
    ))
}
