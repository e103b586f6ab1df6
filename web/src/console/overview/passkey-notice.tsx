/** Asks a person without a passkey to add one: signatures need it, and a link signs in once. */
import { Link } from "@tanstack/react-router"
import { Notice } from "../../kit/notice.tsx"
import { useRead } from "../api.ts"
import { useMe } from "../artifacts/viewer.tsx"
import { rich } from "../../messages/message.ts"

export function PasskeyNotice() {
    const { signsWithPasskeys } = useMe()
    const passkeys = useRead(signsWithPasskeys ? "/api/passkeys" : null).data?.passkeys
    if (passkeys === undefined || passkeys.length > 0) return null
    return (
        <Notice tone="due">
            {rich("You have no passkey. <link>Add one</link>: you need it to sign, and to sign in again.", {
                link: (text) => <Link to="/settings/access">{text}</Link>,
            })}
        </Notice>
    )
}
