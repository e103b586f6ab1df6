/**
 * Markdown as our own elements, built from the syntax tree. The text may be hostile: raw HTML is shown as text, images
 * are named and not loaded, and a link leads to http or https only and shows its host.
 */
import { markdownTree } from "@tocsin/formats/advisory/markdown-tree"
import type { Definition, FootnoteDefinition, List, Nodes, Parents, Root, Table } from "mdast"
import { Fragment, type ReactNode, createElement } from "react"
import { type Mark, markedTree } from "./marked-tree.ts"
import { type Target, targetOf, visible } from "./link-target.ts"
import { t } from "../../messages/message.ts"

interface Context {
    readonly level: number
    /** The targets of links and images, by identifier. */
    readonly targets: ReadonlyMap<string, string>
    /** The identifiers of footnotes, in the order of their texts. */
    readonly notes: readonly string[]
}

interface MarkdownTreeProps {
    text: string
    level: number
    /** The text before. With it, what is new and what is gone is marked. */
    before?: string
}

export function MarkdownTree({ text, level, before }: MarkdownTreeProps) {
    const root = before === undefined ? markdownTree(text) : markedTree(before, text)
    const notes = foundIn<FootnoteDefinition>(root, "footnoteDefinition")
    const definitions = foundIn<Definition>(root, "definition")
    const context: Context = {
        level,
        targets: new Map(definitions.toReversed().map(({ identifier, url }) => [identifier, url])),
        notes: notes.map(({ identifier }) => identifier),
    }
    return (
        <div className="prose">
            {childrenOf(root, context)}
            {notes.length > 0 && (
                <ol className="prose-notes" aria-label={t("Footnotes")}>
                    {notes.map((note) => (
                        <li key={note.identifier}>{childrenOf(note, context)}</li>
                    ))}
                </ol>
            )}
        </div>
    )
}

function foundIn<Found extends Nodes>(root: Root, type: Found["type"]): Found[] {
    const found: Found[] = []
    const walk = (node: Nodes): void => {
        if (node.type === type) found.push(node as Found)
        if ("children" in node) for (const child of node.children) walk(child)
    }
    walk(root)
    return found
}

function childrenOf(node: Parents | Mark, context: Context): ReactNode {
    return node.children.map((child, n) => <Fragment key={n}>{render(child, context)}</Fragment>)
}

/** The elements of nodes that only wrap their children. */
const wrappers = {
    paragraph: "p",
    emphasis: "em",
    strong: "strong",
    delete: "s",
    blockquote: "blockquote",
    inserted: "ins",
    removed: "del",
} as const

function render(node: Nodes | Mark, context: Context): ReactNode {
    switch (node.type) {
        case "inserted":
        case "removed":
        case "paragraph":
        case "emphasis":
        case "strong":
        case "delete":
        case "blockquote":
            return createElement(wrappers[node.type], null, childrenOf(node, context))
        case "heading":
            return createElement(`h${Math.min(6, node.depth + context.level - 1)}`, null, childrenOf(node, context))
        case "text":
            return visible(node.value)
        case "inlineCode":
        case "html":
            return <code className="code">{visible(node.value)}</code>
        case "code":
            return <CodeBlock language={node.lang ?? null} text={node.value} />
        case "break":
            return <br />
        case "thematicBreak":
            return <hr />
        case "list":
            return <ListOf list={node} context={context} />
        case "table":
            return <TableOf table={node} context={context} />
        default:
            return renderReference(node, context)
    }
}

function renderReference(node: Nodes, context: Context): ReactNode {
    switch (node.type) {
        case "link":
            return <LinkTo target={targetOf(node.url)} text={textOf(node)} content={childrenOf(node, context)} />
        case "linkReference": {
            const target = targetOf(context.targets.get(node.identifier) ?? "")
            return <LinkTo target={target} text={textOf(node)} content={childrenOf(node, context)} />
        }
        case "image":
            return <Image name={node.alt} target={targetOf(node.url)} />
        case "imageReference":
            return <Image name={node.alt} target={targetOf(context.targets.get(node.identifier) ?? "")} />
        case "footnoteReference":
            return <sup>[{context.notes.indexOf(node.identifier) + 1 || "?"}]</sup>
        case "definition":
        case "footnoteDefinition":
            return null
        default:
            return "children" in node ? childrenOf(node, context) : "value" in node ? visible(node.value) : null
    }
}

const textOf = (node: Nodes): string =>
    "children" in node ? node.children.map(textOf).join("") : "value" in node ? node.value : ""

function LinkTo({ target, text, content }: { target: Target; text: string; content: ReactNode }) {
    if (target.href === null)
        return (
            <>
                <bdi>{content}</bdi> <span className="host">({visible(target.shown)})</span>
            </>
        )
    const isPlain = text === target.href || `${text}/` === target.href
    return (
        <>
            <a href={target.href} target="_blank" rel="noopener noreferrer nofollow">
                <bdi>{content}</bdi>
            </a>
            {!isPlain && <span className="host"> ({target.shown})</span>}
        </>
    )
}

function Image({ name, target }: { name: string | null | undefined; target: Target }) {
    return (
        <span className="host">
            {t("[Image not shown: {description}, {address}]", {
                description: visible(name || t("no description")),
                address: visible(target.shown),
            })}
        </span>
    )
}

function CodeBlock({ language, text }: { language: string | null; text: string }) {
    return (
        <figure className="code-block">
            {language !== null && <figcaption>{visible(language)}</figcaption>}
            <pre>
                <code>{visible(text)}</code>
            </pre>
        </figure>
    )
}

function ListOf({ list, context }: { list: List; context: Context }) {
    const items = list.children.map((item, n) => (
        <li key={n}>
            {typeof item.checked === "boolean" && (
                <span className="task">
                    <span aria-hidden="true">{item.checked ? "☑" : "☐"}</span>
                    <span className="unseen">{item.checked ? t("done:") : t("to do:")}</span>{" "}
                </span>
            )}
            {item.children.map((child, at) => (
                <Fragment key={at}>
                    {child.type === "paragraph" && !list.spread ? childrenOf(child, context) : render(child, context)}
                </Fragment>
            ))}
        </li>
    ))
    return list.ordered ? <ol start={list.start ?? 1}>{items}</ol> : <ul>{items}</ul>
}

function TableOf({ table, context }: { table: Table; context: Context }) {
    const [head, ...rows] = table.children
    const look = (n: number) => (table.align?.[n] === "right" ? { className: "end" } : {})
    return (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- who cannot point scrolls by the focus
        <section className="table-frame" aria-label={t("Table")} tabIndex={0}>
            <table>
                <thead>
                    <tr>
                        {head?.children.map((cell, n) => (
                            <th key={n} scope="col" {...look(n)}>
                                {childrenOf(cell, context)}
                            </th>
                        ))}
                    </tr>
                </thead>
                <tbody>
                    {rows.map((row, at) => (
                        <tr key={at}>
                            {row.children.map((cell, n) => (
                                <td key={n} {...look(n)}>
                                    {childrenOf(cell, context)}
                                </td>
                            ))}
                        </tr>
                    ))}
                </tbody>
            </table>
        </section>
    )
}
