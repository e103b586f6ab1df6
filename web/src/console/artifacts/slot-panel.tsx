/** The forms of one slot, over the editor: chooses the text's own form, edits the forms, or removes the slot. */
import { useEffect, useId, useLayoutEffect, useRef, useState } from "react"
import { Button } from "../../kit/button.tsx"
import { Badge } from "../../kit/table.tsx"
import type { Place } from "./code-mirror.tsx"
import type { DraftSlot } from "./draft-check.ts"
import { type TextEdit, canChooseForm, whyNoForms, withForm, withForms, withoutSlot } from "./slot-edits.ts"
import { formText, sizeSentence, survives } from "./slot-marks.ts"
import { t } from "../../messages/message.ts"

interface SlotPanelProps {
    name: string
    text: string
    slot: DraftSlot
    /** From 1, in the order of the text. */
    number: number
    place: Place
    /** Moves the focus into the panel, for the keyboard. */
    takesFocus: boolean
    onEdit: (edit: TextEdit) => void
    onClose: () => void
}

export function SlotPanel({ name, text, slot, number, place, takesFocus, onEdit, onClose }: SlotPanelProps) {
    const panel = usePlacedPanel(place, takesFocus)
    const [chosen, setChosen] = useState(slot.forms[0] ?? "")
    const noForms = whyNoForms(name, slot)
    const plain = withoutSlot(text, slot)
    const edit = (change: TextEdit | null) => {
        if (change !== null) onEdit(change)
    }
    return (
        <section ref={panel} className="slot-panel" tabIndex={-1} aria-label={t("Slot {number}", { number })}>
            <div className="row between">
                <b>{t("Slot {number}", { number })}</b>
                <Badge tone={slot.robustness === "fragile" ? "due" : "good"}>{survives[slot.robustness]}</Badge>
            </div>
            <Forms slot={slot} chosen={chosen} onChoose={setChosen} />
            <p className="muted small">
                {sizeSentence(slot.size)} {t("Each copy has one of them. Only investigators can see which.")}
            </p>
            <div className="row wraps">
                {chosen !== slot.forms[0] && (
                    <Button look="main" onPress={() => edit(withForm(text, slot, chosen))}>
                        {t("Use this form")}
                    </Button>
                )}
                {noForms === null && <Button onPress={() => edit(withForms(text, slot))}>{t("Edit forms")}</Button>}
                {plain !== null && (
                    <Button look="quiet" onPress={() => edit(plain)}>
                        {t("Not a slot")}
                    </Button>
                )}
                <Button look="quiet" onPress={onClose}>
                    {t("Close")}
                </Button>
            </div>
            {plain === null && (
                <p className="muted small">
                    {t(
                        "The notation for kept words cannot enclose this slot. To remove the slot, write the text differently.",
                    )}
                </p>
            )}
        </section>
    )
}

interface FormsProps {
    slot: DraftSlot
    chosen: string
    onChoose: (form: string) => void
}

function Forms({ slot, chosen, onChoose }: FormsProps) {
    const group = useId()
    const left = slot.size - slot.forms.length
    const more = left > 0 && <li className="muted">{t("and {count} more", { count: left })}</li>
    if (!canChooseForm(slot)) {
        return (
            <ul className="slot-forms">
                {slot.forms.map((form) => (
                    <li key={form}>{formText(form)}</li>
                ))}
                {more}
            </ul>
        )
    }
    return (
        <fieldset aria-label={t("Form of the published text")}>
            <ul className="slot-forms">
                {slot.forms.map((form, n) => (
                    <li key={form}>
                        <label className="check">
                            <input
                                type="radio"
                                name={group}
                                checked={form === chosen}
                                onChange={() => onChoose(form)}
                            />
                            {formText(form)} {n === 0 && <span className="muted">{t("(published)")}</span>}
                        </label>
                    </li>
                ))}
                {more}
            </ul>
        </fieldset>
    )
}

const gap = 6

/** Puts the panel below the words, or above them where there is no room. */
function usePlacedPanel({ left, top, bottom }: Place, takesFocus: boolean) {
    const panel = useRef<HTMLElement>(null)
    useLayoutEffect(() => {
        const { current: element } = panel
        const frame = element?.parentElement
        if (!element || !frame) return
        const isBelow = bottom + gap + element.offsetHeight <= frame.clientHeight
        const above = Math.max(0, top - gap - element.offsetHeight)
        element.style.setProperty("--top", `${isBelow ? bottom + gap : above}px`)
        const room = Math.max(0, frame.clientWidth - element.offsetWidth - gap)
        element.style.setProperty("--left", `${Math.min(left, room)}px`)
    })
    useEffect(() => {
        if (takesFocus) panel.current?.focus()
    }, [takesFocus])
    return panel
}
