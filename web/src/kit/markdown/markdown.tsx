/** Shows a Markdown text as a page would. The parser is a chunk of its own, so that no first page waits for it. */
import { Suspense, lazy } from "react"

interface MarkdownProps {
    text: string
    /** The level of the text's first headings, one below the heading of the place. */
    level?: 2 | 3 | 4
    /** The text before. With it, what is new and what is gone is marked. */
    before?: string
}

const MarkdownTree = lazy(async () => ({ default: (await import("./markdown-tree.tsx")).MarkdownTree }))

/** While the parser loads, the text stands as written. */
export function Markdown({ text, level = 3, before }: MarkdownProps) {
    return (
        <Suspense fallback={<div className="prose as-written">{text}</div>}>
            <MarkdownTree text={text} level={level} {...(before !== undefined && { before })} />
        </Suspense>
    )
}
