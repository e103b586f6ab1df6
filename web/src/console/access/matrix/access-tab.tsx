/** Who gets what of a case: the matrix at an instant, by a policy, with the reasons of one cell. All in the address. */
import { type KeyboardEvent, useState } from "react"
import { useSearchTexts } from "../../../kit/address.ts"
import { wordsOf } from "../../../kit/instant.tsx"
import { Loaded } from "../../../kit/notice.tsx"
import type { Matrix, Policy } from "../../answers.ts"
import { useMayRead, useNow } from "../../artifacts/viewer.tsx"
import { useWaves } from "../../cases/case-reads.ts"
import type { MatrixModel } from "./matrix-model.ts"
import { useEntitlements } from "../matrix-reads.ts"
import { StaffReaders } from "../staff-readers.tsx"
import { MatrixView } from "./matrix-view.tsx"
import { TimeSlider } from "./time-slider.tsx"
import { nextStop, timeStops } from "./time-stops.ts"
import { rich, t } from "../../../messages/message.ts"

interface Choices {
    readonly cell: string | null
    /** Null: now. */
    readonly at: string | null
    /** Null: the policy in force. */
    readonly policy: number | null
    readonly changes: boolean
}

export function AccessTab({ caseId }: { caseId: string }) {
    const [choices, choose] = useChoices()
    const policies = useMayRead("policy:read", "/api/policies").data?.policies ?? []
    const { at, policy } = choices
    const inForce = useEntitlements({ case: caseId, at })
    const other = useEntitlements(policy === null ? null : { case: caseId, at, policy })
    const query = choices.policy === null ? inForce : other
    const shown = useKept(query.data)
    const base = choices.policy === null ? null : (inForce.data ?? null)
    if (shown === undefined || query.error !== null) return <Loaded query={query}>{() => null}</Loaded>
    return (
        <AccessMatrix
            caseId={caseId}
            matrix={shown}
            base={base}
            policies={policies}
            choices={choices}
            onChoose={choose}
        />
    )
}

interface AccessMatrixProps {
    caseId: string
    matrix: Matrix
    base: Matrix | null
    policies: readonly Policy[]
    choices: Choices
    onChoose: (choices: Partial<Choices>) => void
}

function AccessMatrix({ caseId, matrix, base, policies, choices, onChoose }: AccessMatrixProps) {
    const now = useNow()
    const waves = useWaves(caseId).data?.waves ?? []
    const stops = timeStops(waves, now, choices.at)
    const step = (event: KeyboardEvent) => {
        const isField = event.target instanceof HTMLInputElement && event.target.type !== "range"
        if (isField || (event.key !== "[" && event.key !== "]")) return
        const stop = nextStop(stops, choices.at, event.key === "[" ? -1 : 1)
        if (stop !== null) onChoose({ at: stop.at })
    }
    return (
        // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- keys of the whole tab
        <div className="access-tab" onKeyDown={step}>
            <MatrixView
                matrix={matrix}
                base={base}
                policies={policies}
                changesOnly={choices.changes && base !== null}
                openKey={choices.cell}
                onOpen={(cell) => onChoose({ cell })}
            >
                {(model) => (
                    <>
                        <WhatIf model={model} policies={policies} choices={choices} onChoose={onChoose} />
                        {stops.length > 1 && (
                            <TimeSlider stops={stops} chosen={choices.at} onChange={(at) => onChoose({ at })} />
                        )}
                    </>
                )}
            </MatrixView>
            <StaffReaders />
        </div>
    )
}

interface WhatIfProps {
    model: MatrixModel
    policies: readonly Policy[]
    choices: Choices
    onChoose: (choices: Partial<Choices>) => void
}

/** The choice of a policy, and a sentence if the matrix shows anything but access now by the policy in force. */
function WhatIf({ model, policies, choices, onChoose }: WhatIfProps) {
    const now = useNow()
    const { at, policy, changes } = choices
    const sentences = [
        at !== null &&
            (at > now
                ? t("Access at {at}, if all waves are released as planned.", { at: wordsOf(at) })
                : t("Access at {at}.", { at: wordsOf(at) })),
        policy !== null && t("A preview of policy {policy}. It changes nothing for partners.", { policy }),
    ].filter((sentence) => sentence !== false)
    const isWhatIf = sentences.length > 0
    return (
        <div className={isWhatIf ? "what-if on" : "what-if"}>
            {policies.length > 1 && (
                <select
                    aria-label={t("Policy")}
                    value={policy ?? ""}
                    onChange={({ target }) =>
                        onChoose({ policy: target.value === "" ? null : Number(target.value), changes: false })
                    }
                >
                    {policies.map(({ version, name, active }) => (
                        <option key={version} value={active ? "" : version}>
                            {active
                                ? t("Policy {version}, in force", { version })
                                : t("Policy {version}: {name}", { version, name })}
                        </option>
                    ))}
                </select>
            )}
            {isWhatIf && (
                <p>
                    {rich("<b>What if:</b> {sentences}", {
                        b: (text) => <b>{text}</b>,
                        sentences: sentences.join(" "),
                    })}
                </p>
            )}
            {policy !== null && (
                <button
                    type="button"
                    className="chip push"
                    aria-pressed={changes}
                    onClick={() => onChoose({ changes: !changes })}
                >
                    {rich("Changes only {count}", { count: <b>{model.changes}</b> })}
                </button>
            )}
        </div>
    )
}

/** Reads and writes the choices in the address, so that they can be linked. */
function useChoices(): [Choices, (choices: Partial<Choices>) => void] {
    const [texts, change] = useSearchTexts()
    const choices: Choices = {
        cell: texts["cell"] ?? null,
        at: texts["at"] ?? null,
        policy: texts["policy"] === undefined ? null : Number(texts["policy"]),
        changes: texts["changes"] === "true",
    }
    const choose = (changed: Partial<Choices>) => {
        const { cell, at, policy, changes } = { ...choices, ...changed }
        const next = { cell, at, policy: policy === null ? null : String(policy), changes: changes ? "true" : null }
        change(next, { replace: true })
    }
    return [choices, choose]
}

/** Keeps the last answer until the next one is there, so that the grid stays while another instant loads. */
function useKept<Answer>(answer: Answer | undefined): Answer | undefined {
    const [kept, setKept] = useState(answer)
    if (answer !== undefined && answer !== kept) setKept(answer)
    return answer ?? kept
}
