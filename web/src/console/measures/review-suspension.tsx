/** The review of an interim suspension: two people who did not impose it extend it or hand it to a procedure. */
import { useState } from "react"
import { dayMs, formatInstant, parseInstant } from "@tocsin/base/instant"
import { writeTo } from "../api.ts"
import { Opens } from "../../kit/dialog.tsx"
import { Field } from "../../kit/field.tsx"
import { AskForm } from "../../kit/form.tsx"
import { Badge } from "../../kit/table.tsx"
import { useApprovals } from "../release/approval-reads.ts"
import { SignDialog } from "../release/approvals.tsx"
import { CarryOut } from "../release/apply-approval.tsx"
import { detailOf } from "../release/effect-parts.tsx"
import { measureReason } from "./measure-actions.tsx"
import { useMayRead, useMe, useNow, useWhyNot } from "../artifacts/viewer.tsx"
import { t } from "../../messages/message.ts"

interface ReviewProps {
    measure: string
    partner: string
    takenBy: string
}

export function Review({ measure, partner, takenBy }: ReviewProps) {
    const lacks = useWhyNot()("measure:decide")
    const me = useMe()
    const { pending = [], recent = [] } = useApprovals().data ?? {}
    const isIt = (approval: (typeof pending)[number]) =>
        approval.action === "measure.extend" && detailOf(approval).measure === measure
    const waits = pending.find(isIt)
    const signed = recent.find((approval) => approval.state === "signed" && isIt(approval))
    if (signed !== undefined) return <CarryOut approval={signed} />
    if (waits !== undefined) {
        return (
            <>
                <Badge tone="due">{t("review waits for a signature")}</Badge>
                {waits.maySign && <SignDialog approval={waits} />}
            </>
        )
    }
    return (
        <Opens
            button={t("Review…")}
            title={t("Review the suspension")}
            disabledReason={me.id === takenBy ? t("you imposed it") : lacks}
        >
            {(close) => <ReviewForm measure={measure} partner={partner} onDone={close} />}
        </Opens>
    )
}

/** The choice of a new review date; every other choice is the id of a procedure. */
const toDate = "date"

function ReviewForm({ measure, partner, onDone }: { measure: string; partner: string; onDone: () => void }) {
    const procedures = useMayRead("measure:read", `/api/procedures?partner=${partner}`)
    const open = (procedures.data?.procedures ?? []).filter(
        ({ phase }) => phase === "answer_awaited" || phase === "to_decide",
    )
    const [until, setUntil] = useState(toDate)
    const inTwoWeeks = formatInstant(parseInstant(useNow()) + 14 * dayMs)
    const date = {
        name: "reviewBy" as const,
        label: t("Next review by"),
        kind: "instant" as const,
        initial: inTwoWeeks,
    }
    return (
        <>
            <p>
                {t(
                    "Two people who did not impose the suspension review it. To end it, request a reinstatement on the partner's page. Without a review it continues and is shown as overdue.",
                )}
            </p>
            {open.length > 0 && (
                <Field
                    label={t("Extend it")}
                    kind="choice"
                    value={until}
                    onChange={setUntil}
                    from={[
                        { value: toDate, name: t("until a new review date") },
                        ...open.map(({ id, grounds: { obligation } }) => ({
                            value: id,
                            name: t("until the procedure about {obligation} is decided", { obligation: obligation.id }),
                        })),
                    ]}
                />
            )}
            <AskForm
                key={until}
                requests={until === toDate ? [date, measureReason] : [measureReason]}
                submit={t("Request a second signature")}
                write={({ reviewBy, reason }) =>
                    writeTo(
                        "POST",
                        `/api/measures/${measure}/extend`,
                        until === toDate ? { reviewBy, reason } : { procedure: until, reason },
                    )
                }
                onDone={onDone}
            />
        </>
    )
}
