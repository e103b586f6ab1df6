/** Decisions about a partner: those of one person, and those that need a second signature. */
import { valueText } from "@tocsin/base/value-text"
import { writeTo } from "../api.ts"
import { choicesOf } from "../../kit/field.tsx"
import { dutyTable } from "../../../../server/src/trust/partners/reporting-duties/reporting-duties.ts"
import type { Facts } from "../../../../server/src/trust/partners/facts.ts"
import { type PartnerStatus, tiers } from "../../../../server/src/trust/partners/partner.ts"
import { type Answers, FormDialog, ticked } from "../../kit/form.tsx"
import type { Partner } from "../answers.ts"
import { ChangePreview } from "../release/change-preview.tsx"
import { useWhyNot } from "../artifacts/viewer.tsx"

const joining: Readonly<Partial<Record<PartnerStatus, readonly ("active" | "declined" | "invited")[]>>> = {
    applicant: ["invited", "declined"],
    invited: ["active", "declined"],
    declined: ["invited"],
}

export function PartnerActions({ partner }: { partner: Partner }) {
    const disabledReason = useWhyNot()("partner:write")
    const path = `/api/partners/${partner.id}` as const
    const next = joining[partner.status]
    return (
        <>
            {next !== undefined && (
                <FormDialog
                    button="Status…"
                    title={`Decide about ${partner.name}`}
                    submit="Decide"
                    disabledReason={disabledReason}
                    requests={[{ name: "status", label: "Becomes", kind: "choice", from: choicesOf(next) }]}
                    write={(body) => writeTo("PUT", `${path}/status`, body)}
                    wide
                    below={({ status }) => (
                        <ChangePreview partner={partner} change={{ fact: "status", value: status }} />
                    )}
                />
            )}
            <FormDialog
                button="Tier…"
                title={`The tier of ${partner.name}`}
                submit="Set the tier"
                disabledReason={disabledReason}
                requests={[
                    { name: "tier", label: "Tier", kind: "choice", from: choicesOf(tiers), initial: partner.tier },
                ]}
                write={(body) => writeTo("PUT", `${path}/tier`, body)}
                wide
                below={({ tier }) => <ChangePreview partner={partner} change={{ fact: "tier", value: tier }} />}
            >
                <p className="muted">
                    It takes a second person, to lower it too: a lower tier's wave may have opened what this partner has
                    not. To take away at once, restrict or suspend it.
                </p>
            </FormDialog>
            <DutiesDialog partner={partner} disabledReason={disabledReason} />
        </>
    )
}

/** The built-in regimes, each with this partner's establishment. */
function DutiesDialog({ partner, disabledReason }: { partner: Partner; disabledReason: string | null }) {
    const has = (regime: string) => partner.duties.find((duty) => duty.regime === regime)
    const sources = dutyTable.flatMap(({ regime }) => {
        const line = { kind: "line" as const, optional: true }
        return [
            { ...line, name: `source ${regime}`, label: `Source for ${regime}`, initial: has(regime)?.source ?? "" },
            {
                ...line,
                name: `date ${regime}`,
                label: `Day of that source`,
                initial: has(regime)?.date ?? "",
                hint: "as 2025-07-08",
            },
        ]
    })
    return (
        <FormDialog
            button="Duties…"
            title={`Reporting duties of ${partner.name}`}
            submit="Set the reporting duties"
            disabledReason={disabledReason}
            requests={[
                {
                    name: "regimes",
                    label: "Duties",
                    kind: "choices",
                    from: dutyTable.map(({ regime, appliesTo, trigger }) => {
                        return { value: regime, name: `${regime} (${valueText(appliesTo)}, ${valueText(trigger)})` }
                    }),
                    initial: partner.duties.map((duty) => duty.regime).join("\n"),
                },
                ...sources,
            ]}
            write={(answers) =>
                writeTo("PUT", `/api/partners/${partner.id}/reporting-duties`, { duties: profileOf(partner, answers) })
            }
            wide
            below={(answers) => (
                <ChangePreview partner={partner} change={{ fact: "duties", value: previewed(partner, answers) }} />
            )}
        />
    )
}

function profileOf(partner: Partner, answers: Answers): Facts["duties"] {
    return ticked(answers, "regimes").flatMap((regime) => {
        const held = partner.duties.find((duty) => duty.regime === regime)
        const duty = held ?? dutyTable.find((item) => item.regime === regime)
        const input = { source: answers[`source ${regime}`] ?? "", date: answers[`date ${regime}`] ?? "" }
        return duty === undefined ? [] : [{ ...duty, ...input }]
    })
}

/** Omits the sources, because they change no decision: typing one sends no new preview request. */
function previewed(partner: Partner, answers: Answers): Facts["duties"] {
    return profileOf(partner, answers).map((duty) => {
        const held = partner.duties.find(({ regime }) => regime === duty.regime)
        return { ...duty, source: held?.source ?? "to be named", date: held?.date ?? "" }
    })
}
