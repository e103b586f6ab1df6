/** The page at a public address where nothing is published. */
import { Empty } from "../../kit/notice.tsx"
import { Outside } from "./outside.tsx"
import { rich, t } from "../../messages/message.ts"

export function NoPublicPage() {
    return (
        <Outside title={t("Page not found")} lead={t("Nothing is published at this address.")}>
            <Empty title={t("Check the address.")}>
                {rich("All advisories are in <a>the list</a>.", { a: (text) => <a href="/advisories">{text}</a> })}
            </Empty>
        </Outside>
    )
}
