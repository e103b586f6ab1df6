/**
 * The notification status of a released wave: how many partners were notified, who was not and why; resends notices.
 */
import { writeTo } from "../../api.ts"
import type { UnnotifiedReason } from "../../../../../server/src/share/delivery/notices/notification.ts"
import { Do } from "../../../kit/button.tsx"
import { Opens } from "../../../kit/dialog.tsx"
import { Badge, Table } from "../../../kit/table.tsx"
import type { Wave } from "../../answers.ts"
import { useNames, useWhyNot } from "../../artifacts/viewer.tsx"
import { tierNames, unwanted } from "../../words.ts"
import { t } from "../../../messages/message.ts"

const whyWords: Readonly<Record<UnnotifiedReason, string>> = {
    not_created: t("entitled since the release, or released a moment ago"),
    no_address: t("no person on its roster"),
    not_sent: t("the notice is being sent"),
    frozen: t("the wave is frozen: no notice is sent"),
    retrying: t("the mail server refused the notice; Tocsin retries"),
    failed: t("the notice failed; resend it"),
    bounced: t("the address bounced"),
    dropped: t("no access, or the person had left, when the notice was due"),
}

export function NotificationStatus({ wave }: { wave: Wave }) {
    if (wave.releasedAt === null) return <span className="muted">{t("not yet")}</span>
    const { recipients, notified, filtered, unnotified: waiting } = wave
    return (
        <span className="row">
            {(recipients > 0 || waiting.length === 0) && (
                <Badge tone={notified === recipients ? "good" : "plain"}>{notifiedText(wave)}</Badge>
            )}
            {filtered > 0 && <span className="muted">{unwanted(filtered)}</span>}
            {waiting.length > 0 && (
                <Opens
                    button={t("{count} not notified…", { count: waiting.length })}
                    title={t("Partners not notified of the {tier} wave", { tier: tierNames[wave.tier] })}
                    wide
                >
                    {(close) => <Unnotified wave={wave} onDone={close} />}
                </Opens>
            )}
        </span>
    )
}

/** Counts the partners that a notice was created for. Their current entitlement does not change it. */
export function notifiedText({ recipients, notified }: Pick<Wave, "recipients" | "notified">): string {
    return recipients === 0
        ? t("no partner notified")
        : t("{notified} of {recipients} notified", { notified, recipients })
}

function Unnotified({ wave, onDone }: { wave: Wave; onDone: () => void }) {
    const names = useNames()
    const { unnotified: waiting } = wave
    const lacks = useWhyNot()("wave:write")
    const inVain = waiting.every(({ reason }) => reason === "no_address")
    const disabledReason = lacks ?? (wave.state === "frozen" ? t("unfreeze the wave first") : null)
    return (
        <>
            <Table
                tall
                caption={t("Partners not notified, and why")}
                rows={waiting}
                keyOf={({ partner }) => partner}
                columns={[
                    { name: t("Partner"), cell: ({ partner }) => <strong>{names.partner(partner)}</strong> },
                    { name: t("Reason"), cell: ({ reason }) => whyWords[reason] },
                ]}
            />
            <p className="muted">
                {t(
                    "Partners not yet notified get the usual notice, without content. Partners already notified get nothing.",
                )}
            </p>
            <div className="row end">
                <Do
                    look="main"
                    disabledReason={disabledReason ?? (inVain ? t("add a person to the roster first") : null)}
                    write={writeTo("POST", `/api/waves/${wave.id}/resend-notices`)}
                    onDone={onDone}
                >
                    {t("Resend notices")}
                </Do>
            </div>
        </>
    )
}
