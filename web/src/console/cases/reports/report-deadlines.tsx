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
import { t } from "../../../messages/message.ts"

type Due = AnswerTo<"/api/cases/{id}/follow-up-deadlines">["deadlines"][number]

const saidBy = { wave: t("this wave"), case: t("this case"), rule: t("program rules") } as const

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
                            caption={t("Follow-up deadlines")}
                            rows={deadlines}
                            keyOf={({ wave }) => wave}
                            columns={[
                                { name: t("Wave"), cell: ({ tier }) => tierNames[tier] },
                                {
                                    name: t("Due after"),
                                    cell: ({ hours }) => (hours === 0 ? t("no follow-up") : spanOf(hours)),
                                },
                                { name: t("Set by"), cell: ({ source: by }) => saidBy[by] },
                                {
                                    name: t("Fixed"),
                                    cell: ({ released }) => (released ? t("released") : ""),
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
    const whole = { value: text, name: t("all waves without their own deadline") }
    return (
        <FormDialog
            button={t("Change deadline…")}
            title={t("Follow-up deadline")}
            submit={t("Save deadline")}
            disabledReason={
                lacks ?? (waves.length === 0 ? t("every wave is released: announced deadlines stay") : null)
            }
            requests={[
                {
                    name: "wave",
                    label: t("Wave"),
                    kind: "choice",
                    from: [whole, ...waves.map(({ wave, tier }) => ({ value: wave, name: tierNames[tier] }))],
                },
                {
                    name: "hours",
                    label: t("Hours"),
                    kind: "number",
                    optional: true,
                    hint: t("1 to {hoursMax}; empty: the program rules apply", { hoursMax }),
                    codes: ["follow_up_deadline.bad_hours"],
                },
            ]}
            write={({ wave, hours }) =>
                writeTo("PUT", path, { hours: hours === "" ? null : Number(hours), ...(wave !== text && { wave }) })
            }
        >
            <p className="muted">{t("Applies to waves released from now on. Announced deadlines stay.")}</p>
        </FormDialog>
    )
}
