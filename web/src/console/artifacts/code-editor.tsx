/** A text editor with line numbers, colours and slots, or a text to read. The library is a chunk of its own. */
import { Suspense, lazy } from "react"
import type { CodeEditorProps } from "./code-mirror.tsx"

const CodeMirror = lazy(async () => ({ default: (await import("./code-mirror.tsx")).CodeMirror }))

/** While the library loads, the text is shown and cannot be changed: nothing that one types is lost. */
export function CodeEditor(props: CodeEditorProps) {
    const waiting = (
        <textarea className="editor-waiting" aria-label={props.label} value={props.value} readOnly rows={24} />
    )
    return (
        <Suspense fallback={waiting}>
            <CodeMirror {...props} />
        </Suspense>
    )
}
