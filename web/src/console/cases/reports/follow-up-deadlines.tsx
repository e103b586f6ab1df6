/** Follow-up deadlines: of a case, or of one of its unreleased waves. */
import { hourMs } from "@tocsin/base/instant"
import { writeTo } from "../../api.ts"
import { hoursMax } from "../../../../../server/src/trace/sightings/follow-up-deadline.ts"
import { FormDialog } from "../../../kit/form.tsx"
import { spanParts } from "../../../kit/instant.tsx"
import { Loaded } from "../../../kit/notice.tsx"
import { Badge, Facts, Section } from "../../../kit/table.tsx"
import { useMayRead, useWhyNot } from "../../artifacts/viewer.tsx"
import { tierNames } from "../../words.ts"
import type { AnswerTo } from "../../api.ts"
import { t } from "../../../messages/message.ts"

type Due = AnswerTo<"/api/cases/{id}/follow-up-deadlines">["deadlines"][number]

const sourceNames = { wave: t("this wave"), case: t("this case"), rule: t("program rules") } as const

const spanOf = (hours: number): string =>
    spanParts(hours * hourMs)
        .filter(([count]) => count > 0)
        .map(([count, unit]) => `${count} ${unit}`)
        .join(" ")

export function FollowUpDeadlines({ id: subject }: { id: string }) {
    const path = `/api/cases/${subject}/follow-up-deadlines` as const
    const query = useMayRead("sighting:read", path)
    const unreleased = query.data?.deadlines.filter(({ released }) => !released) ?? []
    return (
        <Section title={t("Follow-up deadlines")}>
            <Loaded query={query}>
                {({ deadlines }) =>
                    deadlines.length === 0 ? (
                        <p className="soft">{t("No waves planned yet.")}</p>
                    ) : (
                        <>
                            <Facts
                                items={deadlines.map((deadline) => [
                                    tierNames[deadline.tier],
                                    <Deadline key={deadline.wave} deadline={deadline} />,
                                ])}
                            />
                            <div className="row">
                                <Change path={path} waves={unreleased} />
                            </div>
                        </>
                    )
                }
            </Loaded>
        </Section>
    )
}

function Deadline({ deadline: { hours, source, released } }: { deadline: Due }) {
    return (
        <span className="stack">
            <span>
                {hours === 0 ? t("no follow-up") : t("{span} after the wave", { span: spanOf(hours) })}{" "}
                {released && <Badge>{t("released")}</Badge>}
            </span>
            <span className="muted">{t("set by {source}", { source: sourceNames[source] })}</span>
        </span>
    )
}

const allWaves = "all"

function Change({ path, waves }: { path: `/api/cases/${string}/follow-up-deadlines`; waves: readonly Due[] }) {
    const lacks = useWhyNot()("partner:write")
    const whole = { value: allWaves, name: t("all waves without their own deadline") }
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
                writeTo("PUT", path, { hours: hours === "" ? null : Number(hours), ...(wave !== allWaves && { wave }) })
            }
        >
            <p className="muted">{t("Applies to waves released from now on. Announced deadlines stay.")}</p>
        </FormDialog>
    )
}
