/** The difference of a correction: the public page with its changes marked, its text, and its documents. */
import { useState } from "react"
import { Icon } from "../../../kit/layout/icon.tsx"
import { Segments } from "../../../kit/layout/segments.tsx"
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
        <section className="difference-views" aria-label={t("Difference")}>
            <Segments label={t("Views")} choices={[...textViews, ...offered]} chosen={view} onChoose={setView} />
            {view === "preview" && <PublicPage correction={correction} />}
            {view !== "preview" && (
                <div className="panel browser">
                    {view === "text" && (
                        <TextDifference before={sourceOf(correction.before)} after={sourceOf(correction.after)} />
                    )}
                    {has !== undefined && <Documents documents={correction.documents.filter(has)} />}
                </div>
            )}
        </section>
    )
}

const widths = [
    { id: "wide", name: t("Wide") },
    { id: "phone", name: t("Phone") },
    { id: "print", name: t("Print") },
] as const

/** The page at its address, as wide as its readers see it, with or without the changes. */
function PublicPage({ correction: { address, before, after } }: { correction: Correction }) {
    const [width, setWidth] = useState("wide")
    const [hasChanges, setChanges] = useState(true)
    return (
        <div className="panel browser">
            <header>
                <span className="url mono grow">
                    <Icon name="globe" /> {address}
                </span>
                <Segments label={t("Width")} choices={widths} chosen={width} onChoose={setWidth} />
                <span className="segments">
                    <button type="button" aria-pressed={hasChanges} onClick={() => setChanges(!hasChanges)}>
                        {t("Changes")}
                    </button>
                </span>
            </header>
            <div className={`page-width ${width}`}>
                <MarkedPage before={hasChanges ? before : after} after={after} />
            </div>
        </div>
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
