/** A partner leaves an embargo: what it loses by that is said before. */
import { Do } from "../kit/button.tsx"
import { Opens } from "../kit/dialog.tsx"
import { nameOf, type Part, type Warning } from "./answers.ts"
import { useWarnings, useWhyNot } from "./viewer.ts"

/** Of whoever declined or left: consent is asked for what is public, too. */
export const afterPublication = "That stays so after its publication, unless the program asks you once more."

/** `id`: of the warning, or of what may become one. */
export function Leave({ id }: { id: string }) {
    const not = useWhyNot()("consent:answer")
    const warning = useWarnings().data?.warnings.find((one) => one.id === id)
    return (
        <Opens button="Leave the embargo…" title="Leave this embargo?" not={not}>
            {(close) => (
                <>
                    <p>Your organisation loses at once:</p>
                    <Lost of={warning} />
                    <p>
                        {afterPublication} You stay bound, as your agreement says, in all that you hold of it already.
                        That you left before the end is kept, and the program sees it. The embargo goes on for the
                        others.
                    </p>
                    <div className="row end">
                        <Do look="danger" write={{ method: "POST", path: `/api/consents/${id}/exit` }} onDone={close}>
                            Leave it
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}

function Lost({ of }: { of: Warning | undefined }) {
    const parts = of?.artifacts ?? []
    const open = parts.filter((one) => one.available)
    const lost: readonly (readonly [string, readonly Part[]])[] = [
        ["what you have not fetched yet", open.filter((one) => one.fetchedAt === null)],
        ["fetching once more what you have fetched", open.filter((one) => one.fetchedAt !== null)],
        ["what was still to come", parts.filter((one) => !one.available)],
    ]
    return (
        <ul className="listed">
            {of !== undefined && <li>the warning “{of.title}”, and every newer version of it</li>}
            {lost
                .filter(([, those]) => those.length > 0)
                .map(([what, those]) => (
                    <li key={what}>
                        {what}: {those.map(nameOf).join(", ")}
                    </li>
                ))}
            <li>what is told of the embargo from now on, and your say in it</li>
        </ul>
    )
}
