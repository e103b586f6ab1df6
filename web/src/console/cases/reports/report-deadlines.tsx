/** Follow-up deadlines: of a case, or of one of its unreleased waves. */
import { hourMs } from "@tocsin/base/instant"
import { writeTo } from "../../api.ts"
import { hoursMax } from "../../../../../server/src/trace/sightings/follow-up-deadline.ts"
import { FormDialog } from "../../../kit/form.tsx"
import { spanParts } from "../../../kit/instant.tsx"
import { Loaded } from "../../../kit/notice.tsx"
import { Table } from "../../../kit/table.tsx"
import { useMayRead, useWhyNot } from "../../artifacts/viewer.tsx"
import { tierNames } from "../../words.ts"
import type { AnswerTo } from "../../api.ts"

type Due = AnswerTo<"/api/cases/{id}/follow-up-deadlines">["deadlines"][number]

const saidBy = { wave: "this wave", case: "this case", rule: "program rules" } as const

const spanOf = (hours: number): string =>
    spanParts(hours * hourMs)
        .filter(([count]) => count > 0)
        .map(([count, unit]) => `${count} ${unit}`)
        .join(" ")

export function ReportDeadlines({ id: subject }: { id: string }) {
    const path = `/api/cases/${subject}/follow-up-deadlines` as const
    const read = useMayRead("sighting:read", path)
    return (
        <Loaded query={read}>
            {({ deadlines }) =>
                deadlines.length > 0 && (
                    <>
                        <Table
                            caption="Follow-up deadlines"
                            rows={deadlines}
                            keyOf={({ wave }) => wave}
                            columns={[
                                { name: "Wave", cell: ({ tier }) => tierNames[tier] },
                                {
                                    name: "Due after",
                                    cell: ({ hours }) => (hours === 0 ? "no follow-up" : spanOf(hours)),
                                },
                                { name: "Set by", cell: ({ source: by }) => saidBy[by] },
                                {
                                    name: "Fixed",
                                    cell: ({ released }) => (released ? "released" : ""),
                                    end: true,
                                },
                            ]}
                        />
                        <div className="row">
                            <Change path={path} waves={deadlines.filter(({ released }) => !released)} />
                        </div>
                    </>
                )
            }
        </Loaded>
    )
}

const text = "all"

function Change({ path, waves }: { path: `/api/cases/${string}/follow-up-deadlines`; waves: readonly Due[] }) {
    const lacks = useWhyNot()("partner:write")
    const whole = { value: text, name: "all waves without their own deadline" }
    return (
        <FormDialog
            button="Change deadline…"
            title="Follow-up deadline"
            submit="Save deadline"
            disabledReason={lacks ?? (waves.length === 0 ? "every wave is released: announced deadlines stay" : null)}
            requests={[
                {
                    name: "wave",
                    label: "Wave",
                    kind: "choice",
                    from: [whole, ...waves.map(({ wave, tier }) => ({ value: wave, name: tierNames[tier] }))],
                },
                {
                    name: "hours",
                    label: "Hours",
                    kind: "number",
                    optional: true,
                    hint: `1 to ${hoursMax}; empty: the program rules apply`,
                    codes: ["follow_up_deadline.bad_hours"],
                },
            ]}
            write={({ wave, hours }) =>
                writeTo("PUT", path, { hours: hours === "" ? null : Number(hours), ...(wave !== text && { wave }) })
            }
        >
            <p className="muted">Applies to waves released from now on. Announced deadlines stay.</p>
        </FormDialog>
    )
}
