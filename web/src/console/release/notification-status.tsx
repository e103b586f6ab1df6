/**
 * The notification status of a released wave: how many partners were notified, who was not and why; resends notices.
 */
import { writeTo } from "../api.ts"
import type { UnnotifiedReason } from "../../../../server/src/share/delivery/notices/notification.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { Badge, Table } from "../../kit/table.tsx"
import type { Wave } from "../answers.ts"
import { useNames, useWhyNot } from "../artifacts/viewer.tsx"
import { tierNames, unwanted } from "../words.ts"

const whyWords: Readonly<Record<UnnotifiedReason, string>> = {
    not_created: "entitled since the wave was released, or it was released this moment",
    no_address: "nobody is on its roster",
    not_sent: "its notice is about to be sent",
    frozen: "the wave is frozen: nothing is sent",
    retrying: "the mail server did not take it; it is tried again",
    failed: "it could not be sent, and is not tried again by itself",
    bounced: "its mail server takes nothing for the address",
    dropped: "it had no access, or its person had left, when it was to be sent",
}

export function ToldOf({ wave }: { wave: Wave }) {
    if (wave.releasedAt === null) return <span className="muted">not yet</span>
    const { recipients, notified, filtered, unnotified: waiting } = wave
    return (
        <span className="row">
            {(recipients > 0 || waiting.length === 0) && (
                <Badge tone={notified === recipients ? "good" : "plain"}>{toldWords(wave)}</Badge>
            )}
            {filtered > 0 && <span className="muted">{unwanted(filtered)}</span>}
            {waiting.length > 0 && (
                <Opens
                    button={`${waiting.length} not told…`}
                    title={`Who was not told of the ${tierNames[wave.tier]} wave`}
                    wide
                >
                    {(close) => <NotTold wave={wave} onDone={close} />}
                </Opens>
            )}
        </span>
    )
}

/** Counts the partners that a notice was created for. Their current entitlement does not change it. */
export function toldWords({ recipients, notified }: Pick<Wave, "recipients" | "notified">): string {
    return recipients === 0 ? "no partner was told" : `${notified} of ${recipients} told`
}

function NotTold({ wave, onDone }: { wave: Wave; onDone: () => void }) {
    const names = useNames()
    const { unnotified: waiting } = wave
    const lacks = useWhyNot()("wave:write")
    const inVain = waiting.every(({ reason }) => reason === "no_address")
    const disabledReason = lacks ?? (wave.state === "frozen" ? "thaw it first" : null)
    return (
        <>
            <Table
                tall
                caption="Who was not told, and why"
                rows={waiting}
                keyOf={({ partner }) => partner}
                columns={[
                    { name: "Partner", cell: ({ partner }) => <strong>{names.partner(partner)}</strong> },
                    { name: "Why", cell: ({ reason }) => whyWords[reason] },
                ]}
            />
            <p className="muted">
                Whoever is told gets the same notice as ever, without content. Whoever was told already is left alone.
            </p>
            <div className="row end">
                <Do
                    look="main"
                    disabledReason={disabledReason ?? (inVain ? "bring somebody onto the roster first" : null)}
                    write={writeTo("POST", `/api/waves/${wave.id}/resend-notices`)}
                    onDone={onDone}
                >
                    Resend notices
                </Do>
            </div>
        </>
    )
}
