/** The filters above the matrix: name, tier, class, and the outcomes with their counts. */
import { artifactClasses } from "../../../../../server/src/share/artifacts/artifact.ts"
import type { Outcome } from "../../../../../server/src/share/entitlement/ruling.ts"
import { tiers } from "../../../../../server/src/trust/partners/partner.ts"
import { outcomeWords, tierNames } from "../../words.ts"
import type { MatrixFilter, MatrixModel } from "./matrix-model.ts"
import { OutcomeGlyph } from "./outcome.tsx"
import { t, valueText } from "../../../messages/message.ts"

interface FiltersProps {
    filter: MatrixFilter
    onChange: (filter: MatrixFilter) => void
    model: MatrixModel
}

const outcomes: readonly Outcome[] = ["full", "reduced", "at_publication", "withheld"]

export function Filters({ filter, onChange, model }: FiltersProps) {
    return (
        <search className="access-bar" aria-label={t("Filter")}>
            <input
                type="search"
                aria-label={t("Partner name")}
                placeholder={t("Partner name")}
                value={filter.text}
                onChange={({ target }) => onChange({ ...filter, text: target.value })}
            />
            <Choice
                label={t("Tier")}
                none={t("All tiers")}
                value={filter.tier}
                from={tiers.toReversed().map((tier) => [tier, tierNames[tier]])}
                onChange={(tier) => onChange({ ...filter, tier })}
            />
            <Choice
                label={t("Class")}
                none={t("All classes")}
                value={filter.class}
                from={artifactClasses.map((name) => [name, valueText(name)])}
                onChange={(chosen) => onChange({ ...filter, class: chosen })}
            />
            <span className="chips">
                {outcomes.map((outcome) => (
                    <button
                        key={outcome}
                        type="button"
                        className="chip"
                        aria-pressed={filter.outcome === outcome}
                        onClick={() => onChange({ ...filter, outcome: filter.outcome === outcome ? null : outcome })}
                    >
                        <OutcomeGlyph outcome={outcome} />
                        {outcomeWords[outcome]} <b>{model.counts[outcome]}</b>
                    </button>
                ))}
            </span>
        </search>
    )
}

interface ChoiceProps<Value extends string> {
    label: string
    none: string
    value: Value | null
    from: readonly (readonly [Value, string])[]
    onChange: (value: Value | null) => void
}

function Choice<Value extends string>({ label, none, value, from, onChange }: ChoiceProps<Value>) {
    return (
        <select
            aria-label={label}
            value={value ?? ""}
            onChange={({ target }) => onChange(from.find(([name]) => name === target.value)?.[0] ?? null)}
        >
            <option value="">{none}</option>
            {from.map(([name, text]) => (
                <option key={name} value={name}>
                    {text}
                </option>
            ))}
        </select>
    )
}
