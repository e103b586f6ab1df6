/** What one person may decide about a partner at once, and what asks a second person first. */
import { useState } from "react"
import { dutyTable } from "../../trust/partners/duty.ts"
import { type Standing, tiers } from "../../trust/partners/partner.ts"
import { FormDialog, ticked } from "../kit/form.tsx"
import { Notice } from "../kit/notice.tsx"
import type { Partner } from "./answers.ts"
import { useWhyNot } from "./viewer.tsx"

const joining: Readonly<Partial<Record<Standing, readonly Standing[]>>> = {
    applicant: ["invited", "declined"],
    invited: ["active", "declined"],
    declined: ["invited"],
}

export function PartnerActions({ of }: { of: Partner }) {
    const not = useWhyNot()("partner:write")
    const [asked, setAsked] = useState(false)
    const done = (answer: unknown) => setAsked(!(answer as { done: boolean }).done)
    const path = `/api/partners/${of.id}`
    const next = joining[of.standing]
    const choices = (values: readonly string[]) => values.map((value) => ({ value, name: value }))
    return (
        <>
            {asked && <Notice tone="due">A second person must sign this first. It waits under “Now”.</Notice>}
            {next !== undefined && (
                <FormDialog
                    button="Standing…"
                    title={`Decide about ${of.name}`}
                    submit="Decide"
                    not={not}
                    asked={[{ name: "standing", label: "Becomes", kind: "choice", from: choices(next) }]}
                    write={(body) => ({ method: "PUT", path: `${path}/standing`, body })}
                    onDone={done}
                />
            )}
            <FormDialog
                button="Tier…"
                title={`The tier of ${of.name}`}
                submit="Set the tier"
                not={not}
                asked={[{ name: "tier", label: "Tier", kind: "choice", from: choices(tiers), initial: of.tier }]}
                write={(body) => ({ method: "PUT", path: `${path}/tier`, body })}
                onDone={done}
            >
                <p className="muted">To raise it takes a second person. To lower it takes one, and holds at once.</p>
            </FormDialog>
            <DutiesDialog of={of} not={not} onDone={done} />
        </>
    )
}

interface DutiesProps {
    of: Partner
    not: string | null
    onDone: (answer: unknown) => void
}

/** The shipped regimes, each with where it is established for this partner. */
function DutiesDialog({ of, not, onDone }: DutiesProps) {
    const has = (regime: string) => of.duties.find((duty) => duty.regime === regime)
    const sources = dutyTable.map(({ regime }) => ({
        name: `source ${regime}`,
        label: `Source for ${regime}`,
        kind: "line" as const,
        optional: true,
        initial: has(regime)?.source ?? "",
    }))
    return (
        <FormDialog
            button="Duties…"
            title={`The duty profile of ${of.name}`}
            submit="Set the profile"
            not={not}
            asked={[
                {
                    name: "regimes",
                    label: "Duties",
                    kind: "choices",
                    from: dutyTable.map(({ regime, trigger }) => ({ value: regime, name: `${regime} (${trigger})` })),
                    initial: of.duties.map((duty) => duty.regime).join("\n"),
                },
                ...sources,
            ]}
            write={(answers) => ({
                method: "PUT",
                path: `/api/partners/${of.id}/duties`,
                body: {
                    duties: ticked(answers, "regimes").flatMap((regime) => {
                        const duty = has(regime) ?? dutyTable.find((one) => one.regime === regime)
                        return duty === undefined ? [] : [{ ...duty, source: answers[`source ${regime}`] ?? "" }]
                    }),
                },
            })}
            onDone={onDone}
        />
    )
}
