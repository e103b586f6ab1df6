/** Leaves an embargo. Shows the consequences first. */
import { writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { partName, type Part, type Warning } from "../answers.ts"
import { useWarnings, useWhyNot } from "../viewer.ts"
import { t } from "../../messages/message.ts"

/** `id`: of the warning, or of the invitation that may lead to one. */
export function Leave({ id }: { id: string }) {
    const disabledReason = useWhyNot()("consent:answer")
    const warning = useWarnings().data?.warnings.find((warning) => warning.id === id)
    return (
        <Opens button={t("Leave embargo…")} title={t("Leave this embargo?")} disabledReason={disabledReason}>
            {(close) => (
                <>
                    <p>{t("Your organisation loses at once:")}</p>
                    <Lost warning={warning} />
                    <p>
                        {t(
                            "This stays so after publication, unless the operator invites you again. Your agreement still binds you for the copies that you have. The operator sees that you left early. The embargo continues for the others.",
                        )}
                    </p>
                    <div className="row end">
                        <Do look="danger" write={writeTo("POST", `/api/consents/${id}/exit`)} onDone={close}>
                            {t("Leave embargo")}
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}

function Lost({ warning }: { warning: Warning | undefined }) {
    const parts = warning?.artifacts ?? []
    const open = parts.filter((part) => part.available)
    const unread = namesOf(open.filter((part) => part.fetchedAt === null))
    const fetched = namesOf(open.filter((part) => part.fetchedAt !== null))
    const upcoming = namesOf(parts.filter((part) => !part.available))
    return (
        <ul className="listed">
            {warning !== undefined && (
                <li>{t("the warning “{title}” and its newer versions", { title: warning.title })}</li>
            )}
            {unread !== "" && <li>{t("copies that you have not fetched: {copies}", { copies: unread })}</li>}
            {fetched !== "" && <li>{t("another fetch of copies that you have: {copies}", { copies: fetched })}</li>}
            {upcoming !== "" && <li>{t("upcoming copies: {copies}", { copies: upcoming })}</li>}
            <li>{t("news of the embargo, and your right to propose an end")}</li>
        </ul>
    )
}

const namesOf = (parts: readonly Part[]): string => parts.map(partName).join(", ")
