/** The filters of the audit log. Each is in the address. */
import { type ReactNode, useId } from "react"
import type { ChangeSearch, SearchTexts } from "../../kit/address.ts"
import { Button } from "../../kit/button.tsx"
import type { Choice } from "../../kit/field.tsx"
import { isTelephone } from "../../kit/layout/telephone.ts"
import { useRead } from "../api.ts"
import { useColleagues } from "../artifacts/viewer.tsx"
import type { Naming } from "./event-names.tsx"
import { kindGroups } from "./sentence.ts"
import { locale, t } from "../../messages/message.ts"

interface FiltersProps {
    texts: SearchTexts
    change: ChangeSearch
    naming: Naming
    /** The page is of one case, so that no case can be chosen. */
    ofCase: boolean
}

const unknownNames = { case: t("unknown case"), partner: t("unknown partner") } as const

const filters = ["case", "partner", "person", "from", "until", "groups"]

export function Filters({ texts, change, naming, ofCase }: FiltersProps) {
    const subjects = useRead("/api/audit-log/subjects").data
    const staff = useColleagues()
    const choices = (object: "case" | "partner", objects: readonly { readonly id: string }[] = []) =>
        objects.map(({ id }) => ({ value: id, name: naming(object, id)?.name ?? unknownNames[object] }))
    const set = (name: string) => (value: string) => change({ [name]: value, after: null, event: null })
    const isFiltered = filters.some((name) => texts[name] !== undefined)
    return (
        <aside className="log-filters" aria-label={t("Filters")}>
            <details open={isFiltered || !isTelephone()}>
                <summary>{t("Filters")}</summary>
                <div>
                    {!ofCase && (
                        <Choose
                            label={t("Case")}
                            value={texts["case"]}
                            onChange={set("case")}
                            all={t("All cases")}
                            from={choices("case", subjects?.cases)}
                        />
                    )}
                    <Choose
                        label={t("Partner")}
                        value={texts["partner"]}
                        onChange={set("partner")}
                        all={t("All partners")}
                        from={choices("partner", subjects?.partners).toSorted((a, b) =>
                            a.name.localeCompare(b.name, locale, { numeric: true }),
                        )}
                    />
                    <Choose
                        label={t("Person")}
                        value={texts["person"]}
                        onChange={set("person")}
                        all={t("All people")}
                        from={staff.map(({ id, name }) => ({ value: id, name }))}
                    />
                    <div className="log-days">
                        <Day label={t("From")} value={texts["from"]} onChange={set("from")} />
                        <Day label={t("Before day")} value={texts["until"]} onChange={set("until")} />
                    </div>
                    <Groups
                        chosen={texts["groups"]?.split(" ") ?? []}
                        onChange={(ids) => set("groups")(ids.join(" "))}
                    />
                    {isFiltered && (
                        <Button
                            onPress={() =>
                                change({ ...Object.fromEntries(filters.map((name) => [name, null])), after: null })
                            }
                        >
                            {t("Clear filters")}
                        </Button>
                    )}
                </div>
            </details>
        </aside>
    )
}

interface ChooseProps {
    label: string
    all: string
    value: string | undefined
    onChange: (value: string) => void
    from: readonly Choice[]
}

function Choose({ label, all, value = "", onChange, from }: ChooseProps) {
    return (
        <Labelled label={label}>
            {(id) => (
                <select id={id} value={value} onChange={(event) => onChange(event.target.value)}>
                    <option value="">{all}</option>
                    {from.map((choice) => (
                        <option key={choice.value} value={choice.value}>
                            {choice.name}
                        </option>
                    ))}
                </select>
            )}
        </Labelled>
    )
}

interface DayProps {
    label: string
    value: string | undefined
    onChange: (value: string) => void
}

function Day({ label, value = "", onChange }: DayProps) {
    return (
        <Labelled label={label}>
            {(id) => <input id={id} type="date" value={value} onChange={(event) => onChange(event.target.value)} />}
        </Labelled>
    )
}

function Labelled({ label, children }: { label: string; children: (id: string) => ReactNode }) {
    const id = useId()
    return (
        <div className="field">
            <label className="hint" htmlFor={id}>
                {label}
            </label>
            {children(id)}
        </div>
    )
}

/** The groups of kinds. No tick at all shows every kind. */
function Groups({ chosen, onChange }: { chosen: readonly string[]; onChange: (ids: readonly string[]) => void }) {
    return (
        <fieldset className="field log-kinds">
            <legend className="hint">{t("Kind")}</legend>
            {kindGroups.map(({ id, name }) => (
                <label className="check" key={id}>
                    <input
                        type="checkbox"
                        checked={chosen.includes(id)}
                        onChange={({ target }) =>
                            onChange(target.checked ? [...chosen, id] : chosen.filter((item) => item !== id))
                        }
                    />
                    {name}
                </label>
            ))}
        </fieldset>
    )
}
