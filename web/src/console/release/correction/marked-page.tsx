/** The public page of an advisory, which is English, drawn from the parts of which the server builds it, with its changes marked. */
import { Markdown } from "../../../kit/markdown/markdown.tsx"
import { differenceIn, splitWords } from "../../../kit/markdown/line-diff.ts"
import { type PageParts, type RowPair, rowPairs } from "./page-changes.ts"
import { t } from "../../../messages/message.ts"

interface MarkedPageProps {
    before: PageParts
    after: PageParts
}

export function MarkedPage({ before, after }: MarkedPageProps) {
    return (
        <article
            className="marked-page"
            aria-label={before === after ? t("Public page") : t("Public page with changes")}
        >
            <h3 className="marked-title" lang="en">
                <MarkedWords before={before.title} after={after.title} />
            </h3>
            <p className="soft small" lang="en">
                {after.facts}
            </p>
            <MarkedText
                title={t("Summary")}
                before={before.summary ?? before.plainSummary}
                after={after.summary ?? after.plainSummary}
            />
            <MarkedText title={t("Guidance")} before={before.guidance} after={after.guidance} />
            {tableNames(before, after).map((name) => (
                <MarkedTable key={name} name={name} before={before} after={after} />
            ))}
            <MarkedText title={t("Acknowledgement")} before={before.acknowledgement} after={after.acknowledgement} />
            <h4>{t("History")}</h4>
            <ul lang="en">
                {rowPairs(before.history.map(asRow), after.history.map(asRow)).map(({ before: was, after: is }) => (
                    <li key={is?.[0] ?? was?.[0]}>
                        <MarkedWords before={was?.[0] ?? ""} after={is?.[0] ?? ""} />
                    </li>
                ))}
            </ul>
        </article>
    )
}

const asRow = (line: string): readonly string[] => [line]

const tableNames = (before: PageParts, after: PageParts): readonly string[] => [
    ...new Set([...after.tables, ...before.tables].map(({ name }) => name)),
]

interface MarkedTextProps {
    title: string
    before: string | null
    after: string | null
}

function MarkedText({ title, before, after }: MarkedTextProps) {
    if (before === null && after === null) return null
    return (
        <>
            <h4>{title}</h4>
            <div lang="en">
                <Markdown text={after ?? ""} level={4} before={before ?? ""} />
            </div>
        </>
    )
}

interface MarkedTableProps extends MarkedPageProps {
    name: string
}

function MarkedTable({ name, before, after }: MarkedTableProps) {
    const [was, is] = [before, after].map(({ tables }) => tables.find((table) => table.name === name))
    const heads = is?.heads ?? was?.heads ?? []
    return (
        <>
            <h4 lang="en">{name}</h4>
            {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- who cannot point scrolls by the focus */}
            <section className="table-frame" aria-label={t("{table}, as a table", { table: name })} tabIndex={0}>
                <table lang="en">
                    <thead>
                        <tr>
                            {heads.map((head) => (
                                <th key={head} scope="col">
                                    {head}
                                </th>
                            ))}
                        </tr>
                    </thead>
                    <tbody>
                        {rowPairs(was?.rows ?? [], is?.rows ?? []).map((pair) => (
                            <MarkedRow key={JSON.stringify(pair)} pair={pair} heads={heads} />
                        ))}
                    </tbody>
                </table>
            </section>
        </>
    )
}

function MarkedRow({ pair: { before, after }, heads }: { pair: RowPair; heads: readonly string[] }) {
    return (
        <tr>
            {heads.map((head, n) => (
                <td key={head}>
                    <MarkedWords before={before?.[n] ?? ""} after={after?.[n] ?? ""} />
                </td>
            ))}
        </tr>
    )
}

/** A plain text with its changed words marked. */
export function MarkedWords({ before, after }: { before: string; after: string }) {
    return differenceIn(splitWords(before), splitWords(after)).map(({ kind, text }, n) => {
        if (kind === "same") return text
        return kind === "new" ? <ins key={n}>{text}</ins> : <del key={n}>{text}</del>
    })
}
