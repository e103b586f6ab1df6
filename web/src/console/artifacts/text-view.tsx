/** Shows a text as its readers see it: Markdown as a page, everything else with the colours of its language. */
import { Markdown } from "../../kit/markdown/markdown.tsx"
import { CodeEditor } from "./code-editor.tsx"

interface TextViewProps {
    label: string
    /** The file's name, which decides the language. */
    name: string
    text: string
}

export const isMarkdown = (name: string): boolean => /\.(md|markdown)$/i.test(name)

export function TextView({ label, name, text }: TextViewProps) {
    if (!isMarkdown(name)) return <CodeEditor label={label} name={name} value={text} />
    return (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a keyboard scrolls it by the focus
        <section className="editor-preview" aria-label={label} tabIndex={0}>
            <div lang="en">
                <Markdown text={text} />
            </div>
        </section>
    )
}
