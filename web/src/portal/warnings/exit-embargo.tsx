/** Leaves an embargo. Shows the consequences first. */
import { writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { nameOf, type Part, type Warning } from "../answers.ts"
import { useWarnings, useWhyNot } from "../viewer.ts"

/** For parties that declined or left: public content also needs consent. */
export const afterPublication = "That stays so after its publication, unless the program asks you once more."

/** `id`: of the warning, or of the invitation that may lead to one. */
export function Leave({ id }: { id: string }) {
    const disabledReason = useWhyNot()("consent:answer")
    const warning = useWarnings().data?.warnings.find((warning) => warning.id === id)
    return (
        <Opens button="Leave the embargo…" title="Leave this embargo?" disabledReason={disabledReason}>
            {(close) => (
                <>
                    <p>Your organisation loses at once:</p>
                    <Lost warning={warning} />
                    <p>
                        {afterPublication} You stay bound, as your agreement says, in all that you hold of it already.
                        That you left before the end is kept, and the program sees it. The embargo goes on for the
                        others.
                    </p>
                    <div className="row end">
                        <Do look="danger" write={writeTo("POST", `/api/consents/${id}/exit`)} onDone={close}>
                            Leave it
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
    const lost: readonly (readonly [string, readonly Part[]])[] = [
        ["what you have not fetched yet", open.filter((part) => part.fetchedAt === null)],
        ["fetching once more what you have fetched", open.filter((part) => part.fetchedAt !== null)],
        ["what was still to come", parts.filter((part) => !part.available)],
    ]
    return (
        <ul className="listed">
            {warning !== undefined && <li>the warning “{warning.title}”, and every newer version of it</li>}
            {lost
                .filter(([, those]) => those.length > 0)
                .map(([kind, those]) => (
                    <li key={kind}>
                        {kind}: {those.map(nameOf).join(", ")}
                    </li>
                ))}
            <li>what is told of the embargo from now on, and your say in it</li>
        </ul>
    )
}
