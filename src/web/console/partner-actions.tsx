/** What one person may decide about a partner at once, and what asks a second person first. */
import { dutyTable } from "../../trust/partners/duty.ts"
import type { Facts } from "../../trust/partners/facts.ts"
import { type Standing, type Tier, tiers } from "../../trust/partners/partner.ts"
import { type Answers, FormDialog, ticked } from "../kit/form.tsx"
import type { Partner } from "./answers.ts"
import { ChangePreview } from "./change-preview.tsx"
import { useWhyNot } from "./viewer.tsx"

const joining: Readonly<Partial<Record<Standing, readonly Standing[]>>> = {
    applicant: ["invited", "declined"],
    invited: ["active", "declined"],
    declined: ["invited"],
}

export function PartnerActions({ of }: { of: Partner }) {
    const not = useWhyNot()("partner:write")
    const path = `/api/partners/${of.id}`
    const next = joining[of.standing]
    const choices = (values: readonly string[]) => values.map((value) => ({ value, name: value }))
    return (
        <>
            {next !== undefined && (
                <FormDialog
                    button="Status…"
                    title={`Decide about ${of.name}`}
                    submit="Decide"
                    not={not}
                    asked={[{ name: "standing", label: "Becomes", kind: "choice", from: choices(next) }]}
                    write={(body) => ({ method: "PUT", path: `${path}/status`, body })}
                    wide
                    below={({ standing }) => (
                        <ChangePreview of={of} change={{ fact: "standing", value: standing as Standing }} />
                    )}
                />
            )}
            <FormDialog
                button="Tier…"
                title={`The tier of ${of.name}`}
                submit="Set the tier"
                not={not}
                asked={[{ name: "tier", label: "Tier", kind: "choice", from: choices(tiers), initial: of.tier }]}
                write={(body) => ({ method: "PUT", path: `${path}/tier`, body })}
                wide
                below={({ tier }) => <ChangePreview of={of} change={{ fact: "tier", value: tier as Tier }} />}
            >
                <p className="muted">
                    It takes a second person, to lower it too: a lower tier's wave may have opened what this partner has
                    not. To take away at once, restrict or suspend it.
                </p>
            </FormDialog>
            <DutiesDialog of={of} not={not} />
        </>
    )
}

/** The shipped regimes, each with where it is established for this partner. */
function DutiesDialog({ of, not }: { of: Partner; not: string | null }) {
    const has = (regime: string) => of.duties.find((duty) => duty.regime === regime)
    const sources = dutyTable.flatMap(({ regime }) => {
        const line = { kind: "line" as const, optional: true }
        return [
            { ...line, name: `source ${regime}`, label: `Source for ${regime}`, initial: has(regime)?.source ?? "" },
            {
                ...{ ...line, name: `date ${regime}`, label: `Day of that source` },
                ...{ initial: has(regime)?.date ?? "", hint: "as 2025-07-08" },
            },
        ]
    })
    return (
        <FormDialog
            button="Duties…"
            title={`Reporting duties of ${of.name}`}
            submit="Set the reporting duties"
            not={not}
            asked={[
                {
                    name: "regimes",
                    label: "Duties",
                    kind: "choices",
                    from: dutyTable.map(({ regime, appliesTo, trigger }) => {
                        return { value: regime, name: `${regime} (${appliesTo}, ${trigger})` }
                    }),
                    initial: of.duties.map((duty) => duty.regime).join("\n"),
                },
                ...sources,
            ]}
            write={(answers) => ({
                method: "PUT",
                path: `/api/partners/${of.id}/reporting-duties`,
                body: { duties: profileOf(of, answers) },
            })}
            wide
            below={(answers) => <ChangePreview of={of} change={{ fact: "duties", value: previewed(of, answers) }} />}
        />
    )
}

function profileOf(of: Partner, answers: Answers): Facts["duties"] {
    return ticked(answers, "regimes").flatMap((regime) => {
        const held = of.duties.find((duty) => duty.regime === regime)
        const duty = held ?? dutyTable.find((one) => one.regime === regime)
        const its = { source: answers[`source ${regime}`] ?? "", date: answers[`date ${regime}`] ?? "" }
        return duty === undefined ? [] : [{ ...duty, ...its }]
    })
}

/** A source changes nothing of what is given, so that nothing is asked anew while it is typed. */
function previewed(of: Partner, answers: Answers): Facts["duties"] {
    return profileOf(of, answers).map((duty) => {
        const held = of.duties.find(({ regime }) => regime === duty.regime)
        return { ...duty, source: held?.source ?? "to be named", date: held?.date ?? "" }
    })
}
