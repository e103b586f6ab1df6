/**
 * CodeMirror in a shadow root. There it adopts constructed style sheets, which the content policy allows; in the
 * document it would add a style element, which the policy refuses.
 */
import { history, historyKeymap, standardKeymap } from "@codemirror/commands"
import { json } from "@codemirror/lang-json"
import { markdown } from "@codemirror/lang-markdown"
import { python } from "@codemirror/lang-python"
import { yaml } from "@codemirror/lang-yaml"
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language"
import { EditorState, type Extension, StateEffect, StateField } from "@codemirror/state"
import {
    Decoration,
    type DecorationSet,
    EditorView,
    type ViewUpdate,
    highlightActiveLine,
    keymap,
    lineNumbers,
} from "@codemirror/view"
import { tags } from "@lezer/highlight"
import { useEffect, useRef } from "react"
import { type Range, changeBetween } from "./slot-edits.ts"

/** The place of a caret in the frame of the editor. */
export interface Place {
    readonly left: number
    readonly top: number
    readonly bottom: number
}

/** A place in the text, from 1. */
export interface LinePlace {
    readonly line: number
    readonly column: number
}

/** A selection. `place` null: its start is out of sight. */
export interface Selection extends Range {
    readonly isPointer: boolean
    readonly place: Place | null
}

/** A range with a look: a slot by what it survives, or a line with an issue. */
export interface EditorMark extends Range {
    readonly look: string
}

export interface CodeEditorProps {
    label: string
    /** The file's name, which decides the language. */
    name: string
    value: string
    /** Marks of this very value. */
    marks?: readonly EditorMark[]
    /** Lines with an issue, from 1. */
    lines?: readonly { readonly line: number; readonly look: string }[]
    /** When it changes, moves the cursor to the line, or selects the range. */
    goTo?: LinePlace | Range | null
    /** Absent: the text is to be read. */
    onChange?: (value: string) => void
    /** The selection, when it moves. */
    onSelect?: (selection: Selection) => void
}

const noMarks: readonly never[] = []

export function CodeMirror({
    label,
    name,
    value,
    marks = noMarks,
    lines = noMarks,
    goTo = null,
    onChange,
    onSelect,
}: CodeEditorProps) {
    const isReadOnly = onChange === undefined
    const host = useRef<HTMLDivElement>(null)
    const view = useRef<EditorView | null>(null)
    const handlers = useRef({ onChange, onSelect })
    const initial = useRef(value)
    useEffect(() => {
        handlers.current = { onChange, onSelect }
    }, [onChange, onSelect])
    useEffect(() => {
        if (host.current === null) return
        const root = host.current.shadowRoot ?? host.current.attachShadow({ mode: "open" })
        const listener = EditorView.updateListener.of((update) => {
            if (update.docChanged) handlers.current.onChange?.(update.state.doc.toString())
            if (update.selectionSet) handlers.current.onSelect?.(selectionOf(update))
        })
        const extensions = [
            ...basics,
            languageOf(name),
            EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
            ...(isReadOnly ? readOnly : []),
            listener,
        ]
        const editor = new EditorView({
            root,
            parent: root,
            state: EditorState.create({ doc: initial.current, extensions }),
        })
        view.current = editor
        return () => {
            initial.current = editor.state.doc.toString()
            editor.destroy()
        }
    }, [label, name, isReadOnly])
    useEffect(() => {
        const { current: editor } = view
        if (editor === null || editor.state.doc.toString() === value) return
        editor.dispatch({ changes: changeBetween(editor.state.doc.toString(), value) })
    }, [value])
    useEffect(() => {
        view.current?.dispatch({ effects: setMarks.of({ marks, lines }) })
    }, [marks, lines])
    useEffect(() => {
        const { current: editor } = view
        if (editor === null || goTo === null) return
        editor.dispatch({ selection: selectionFor(editor, goTo), scrollIntoView: true })
        editor.focus()
    }, [goTo])
    return <div ref={host} className="editor" />
}

function selectionFor({ state: { doc } }: EditorView, goTo: LinePlace | Range) {
    if ("line" in goTo) {
        const { from, to } = doc.line(Math.min(Math.max(1, goTo.line), doc.lines))
        return { anchor: Math.min(from + goTo.column - 1, to) }
    }
    return { anchor: Math.min(goTo.start, doc.length), head: Math.min(goTo.end, doc.length) }
}

function selectionOf({ state, transactions, view }: ViewUpdate): Selection {
    const { from: start, to: end } = state.selection.main
    const isPointer = transactions.some((transaction) => transaction.isUserEvent("select.pointer"))
    const caret = view.coordsAtPos(start)
    const frame = view.dom.getBoundingClientRect()
    const place = caret && {
        left: caret.left - frame.left,
        top: caret.top - frame.top,
        bottom: caret.bottom - frame.top,
    }
    return { start, end, isPointer, place }
}

const readOnly: readonly Extension[] = [
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    EditorView.contentAttributes.of({ "aria-readonly": "true" }),
]

const setMarks = StateEffect.define<Required<Pick<CodeEditorProps, "marks" | "lines">>>()

/** Marks move with the text until the next check replaces them. */
const markField = StateField.define<DecorationSet>({
    create: () => Decoration.none,
    update: (before, change) => {
        const set = change.effects.find((effect) => effect.is(setMarks))
        if (set === undefined) return before.map(change.changes)
        const { doc } = change.state
        const ranges = set.value.marks
            .filter(({ start, end }) => start < end && end <= doc.length)
            .map(({ start, end, look }) => Decoration.mark({ class: look }).range(start, end))
        const lines = set.value.lines
            .filter(({ line }) => line >= 1 && line <= doc.lines)
            .map(({ line, look }) => Decoration.line({ class: look }).range(doc.line(line).from))
        return Decoration.set([...ranges, ...lines], true)
    },
    provide: (field) => EditorView.decorations.from(field),
})

const colours = HighlightStyle.define([
    { tag: [tags.heading, tags.keyword], color: "var(--accent)", fontWeight: "600" },
    { tag: [tags.string, tags.monospace], color: "var(--good)" },
    { tag: [tags.comment, tags.meta, tags.processingInstruction], color: "var(--ink-3)" },
    { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--accent)" },
    { tag: [tags.number, tags.bool, tags.null], color: "var(--warn)" },
    { tag: tags.strong, fontWeight: "650" },
    { tag: tags.emphasis, fontStyle: "italic" },
    { tag: [tags.link, tags.url], textDecoration: "underline" },
])

const look = EditorView.theme({
    "&": { height: "100%", backgroundColor: "var(--surface)", color: "var(--ink)" },
    "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-2px" },
    ".cm-scroller": { font: "12.5px/1.75 var(--mono)", overflow: "auto" },
    ".cm-content": { caretColor: "var(--ink)", padding: "10px 0" },
    ".cm-gutters": { backgroundColor: "var(--sunken)", color: "var(--ink-3)", border: "0" },
    ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--accent) 6%, transparent)" },
    ".cm-activeLineGutter": { backgroundColor: "transparent" },
    "& ::selection": { backgroundColor: "color-mix(in srgb, var(--accent) 30%, transparent)" },
    ".slot": { borderBottom: "2px solid var(--good)", backgroundColor: "var(--good-wash)" },
    ".slot-order": { borderBottom: "2px dashed var(--good)" },
    ".slot-fragile": { borderBottom: "2px dotted var(--warn)" },
    ".line-error": { backgroundColor: "var(--bad-wash)" },
    ".line-warning": { backgroundColor: "var(--warn-wash)" },
})

const basics: readonly Extension[] = [
    lineNumbers(),
    history(),
    highlightActiveLine(),
    EditorView.lineWrapping,
    keymap.of([...standardKeymap, ...historyKeymap]),
    syntaxHighlighting(colours),
    markField,
    look,
]

function languageOf(name: string): Extension {
    if (/\.(md|markdown)$/i.test(name)) return markdown()
    if (/\.ya?ml$/i.test(name)) return yaml()
    if (/\.json$/i.test(name)) return json()
    return /\.py$/i.test(name) ? python() : []
}
