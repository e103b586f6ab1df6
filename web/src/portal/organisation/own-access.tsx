/** "Your access" of a partner's person: how it signs in, and its tools. */
import { Access } from "../../kit/sign-in/access.tsx"
import { t } from "../../messages/message.ts"
import { useMe } from "../viewer.ts"
import { MachineClients } from "./machine-clients.tsx"

export function OwnAccess() {
    const { name } = useMe().person
    return (
        <Access
            side="portal"
            initialScopes={["poll", "fetch"]}
            name={name}
            otherwise={t("Without a link, ask a lead of your organisation. A lead asks the operator.")}
        >
            <MachineClients />
        </Access>
    )
}
