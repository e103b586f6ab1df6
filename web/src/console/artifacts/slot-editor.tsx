/** Edits a text with its slots, and shows its issues next to the text. */
import { useState } from "react"
import type { Artifact } from "../answers.ts"
import { CodeEditor } from "./code-editor.tsx"
import type { LinePlace, Place, Selection } from "./code-mirror.tsx"
import type { DraftCheck, DraftSlot } from "./draft-check.ts"
import { fixFor } from "./issue-fixes.ts"
import { Issues } from "./issues.tsx"
import { type Range, type TextEdit, whyNoAlternative, withAlternative } from "./slot-edits.ts"
import { slotAt, slotMarks, slotSentence } from "./slot-marks.ts"
import { SlotPanel } from "./slot-panel.tsx"
import { t } from "../../messages/message.ts"

interface SlotEditorProps {
    artifact: Artifact
    text: string
    /** Undefined while the text is checked. */
    check: DraftCheck | undefined
    /** A short state of the draft. */
    state?: string
    onChange: (text: string) => void
}

interface OpenPanel {
    readonly slot: DraftSlot
    readonly place: Place
    readonly takesFocus: boolean
}

const start: Selection = { start: 0, end: 0, isPointer: false, place: null }

export function SlotEditor({ artifact, text, check, state, onChange }: SlotEditorProps) {
    const [selection, setSelection] = useState(start)
    const [goTo, setGoTo] = useState<LinePlace | Range | null>(null)
    const [panel, setPanel] = useState<OpenPanel | null>(null)
    const { slots = [] } = check ?? {}
    // While the text is checked again, its issues stay in sight; only their fixes wait.
    const { findings = [] } = useNewest(check) ?? {}
    const open = ({ place, ...at }: Selection, takesFocus: boolean) => {
        const slot = check === undefined || at.start !== at.end ? null : slotAt(slots, at.start)
        setPanel(slot === null || place === null ? null : { slot, place, takesFocus })
    }
    const edit = (change: TextEdit) => {
        setPanel(null)
        onChange(change.text)
        setGoTo(change.select)
    }
    const close = () => {
        setPanel(null)
        setGoTo({ start: selection.start, end: selection.end })
    }
    // An old slot would change the wrong words.
    const shown = panel !== null && slots.includes(panel.slot) ? panel : null
    return (
        <>
            {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- Escape closes the panel */}
            <div className="editor-place" onKeyDown={({ key }) => key === "Escape" && shown !== null && close()}>
                <CodeEditor
                    label={t("Text of {name}", { name: artifact.name })}
                    name={artifact.name}
                    value={text}
                    marks={slotMarks(slots)}
                    lines={findings.map(({ line, severity }) => ({ line, look: `line-${severity}` }))}
                    goTo={goTo}
                    onChange={onChange}
                    onSelect={(selected) => {
                        setSelection(selected)
                        if (selected.isPointer) open(selected, false)
                        else setPanel(null)
                    }}
                />
                {shown !== null && (
                    <SlotPanel
                        key={slots.indexOf(shown.slot)}
                        {...shown}
                        name={artifact.name}
                        text={text}
                        number={slots.indexOf(shown.slot) + 1}
                        onEdit={edit}
                        onClose={close}
                    />
                )}
            </div>
            <SlotStatus
                text={text}
                check={check}
                selection={selection}
                state={state ?? null}
                onForms={() => open(selection, true)}
                onAlternative={() => edit(withAlternative(text, selection))}
            />
            <Issues
                findings={findings}
                onLine={({ line, column }) => setGoTo({ line, column })}
                fixFor={(issue) => check && fixFor(text, issue, artifact, () => crypto.randomUUID())}
                onFix={edit}
            />
        </>
    )
}

/** The value, or the last one that there was. */
function useNewest<Value>(value: Value | undefined): Value | undefined {
    const [newest, setNewest] = useState(value)
    if (value !== undefined && value !== newest) setNewest(value)
    return value ?? newest
}

interface SlotStatusProps {
    text: string
    check: DraftCheck | undefined
    selection: Selection
    state: string | null
    onForms: () => void
    onAlternative: () => void
}

function SlotStatus({ text, check, selection, state, onForms, onAlternative }: SlotStatusProps) {
    const slot = check === undefined || selection.start !== selection.end ? null : slotAt(check.slots, selection.start)
    const whyNot = whyNoAlternative(text, selection)
    return (
        <div className="editor-status">
            <span>{t("{count, plural, one {# line} other {# lines}}", { count: text.split("\n").length })}</span>
            <span>
                {check === undefined
                    ? t("checking…")
                    : t("{count, plural, one {# slot} other {# slots}}", { count: check.slots.length })}
            </span>
            {state !== null && <span>{state}</span>}
            <span className="grow clip">{slot === null ? "" : slotSentence(slot)}</span>
            {slot !== null ? (
                <button type="button" className="link" onClick={onForms}>
                    {t("Forms of the slot…")}
                </button>
            ) : whyNot === null ? (
                <button type="button" className="link" onClick={onAlternative}>
                    {t("Add alternative")}
                </button>
            ) : (
                <span>{whyNot}</span>
            )}
        </div>
    )
}
