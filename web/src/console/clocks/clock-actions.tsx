/** Actions on a regulatory clock: set awareness, report a fix, end the duty, or start a clock. */
import { writeTo } from "../api.ts"
import { FormDialog } from "../../kit/form.tsx"
import type { ClockRow } from "./clock-answers.ts"
import { useRegimes } from "./clock-answers.ts"
import { useNow, useWhyNot } from "../artifacts/viewer.tsx"
import { stillLoading } from "../../kit/text.ts"

const why = { name: "reason", label: "Why", kind: "text" } as const
const future = ["filing.in_the_future"]

export function ClockActions({ row }: { row: ClockRow }) {
    const disabledReason = useWhyNot()("filing:write")
    const path = `/api/regulatory-clocks/${row.id}` as const
    const now = useNow()
    return (
        <>
            <FormDialog
                button="Correct awareness…"
                title="Since when you were aware"
                submit="Correct it"
                disabledReason={disabledReason}
                requests={[
                    { name: "awareAt", label: "Aware since", kind: "instant", initial: now, codes: future },
                    why,
                ]}
                write={(body) => writeTo("POST", `${path}/correct-awareness`, body)}
            >
                <p className="muted">What is due moves with it. What stood before stays beside it, on record.</p>
            </FormDialog>
            <FormDialog
                button="Fix…"
                title="Whether a fix is available"
                submit="Save"
                disabledReason={disabledReason}
                requests={[
                    {
                        name: "availableAt",
                        label: "Available since",
                        kind: "instant",
                        optional: true,
                        codes: future,
                        hint: "left empty: none is available, also where the case is public",
                    },
                    why,
                ]}
                write={({ availableAt, reason }) =>
                    writeTo("POST", `${path}/report-fix`, {
                        availableAt: availableAt.trim() === "" ? null : availableAt,
                        reason,
                    })
                }
            >
                <p className="muted">Unless you say otherwise, publication of the case counts as the fix.</p>
            </FormDialog>
            <FormDialog
                button="Close…"
                title="Close this clock"
                submit="Close it"
                look="danger"
                disabledReason={disabledReason}
                requests={[why]}
                write={(body) => writeTo("POST", `${path}/close`, body)}
            >
                <p className="muted">
                    Because it does not apply, or because nothing more is owed. It reminds nobody any more, and
                    exploitation that is reported later does not start it again: a person can.
                </p>
            </FormDialog>
        </>
    )
}

export function StartClock({ id: subject }: { id: string }) {
    const disabledReason = useWhyNot()("filing:write")
    const now = useNow()
    const { data, isLoading } = useRegimes()
    const regimes = (data?.regimes ?? []).filter(({ regime }) => regime.state !== "not_in_force")
    const none = isLoading ? stillLoading : "no regime is in force: see “Regulatory clocks”"
    return (
        <FormDialog
            button="Start a clock…"
            title="Start a regulatory clock"
            submit="Start it"
            disabledReason={disabledReason ?? (regimes.length === 0 ? none : null)}
            requests={[
                {
                    name: "regime",
                    label: "Regime",
                    kind: "choice",
                    from: regimes.map(({ id, regime }) => ({ value: id, name: regime.title })),
                },
                { name: "awareAt", label: "Aware since", kind: "instant", initial: now, codes: future },
                { ...why, label: "Of what, and how you know" },
            ]}
            write={(body) => writeTo("POST", "/api/regulatory-clocks", { ...body, case: subject })}
        >
            <p className="muted">
                Exploitation that a partner reports or that staff files starts the clocks of its regimes by itself; a
                severe incident is a person's word.
            </p>
        </FormDialog>
    )
}
