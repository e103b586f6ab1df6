/** A secret that is shown this once: it can be copied, and is gone when it is put away. */
import { useState } from "react"
import { Button } from "./button.tsx"
import { Notice } from "./notice.tsx"

interface OnceProps {
    what: string
    secret: string
    /** Without it, it stands for as long as the page does. */
    onClose?: () => void
}

export function Once({ what, secret, onClose }: OnceProps) {
    const [copied, setCopied] = useState<string | null>(null)
    const copy = async () => {
        await navigator.clipboard.writeText(secret)
        setCopied(secret)
    }
    return (
        <Notice tone="good">
            <div className="once">
                <span>{what}. It is shown this once.</span>
                <code className="hash">{secret}</code>
                <span className="row">
                    <Button onPress={() => void copy()}>{copied === secret ? "Copied" : "Copy it"}</Button>
                    {onClose !== undefined && (
                        <Button look="quiet" onPress={onClose}>
                            Put it away
                        </Button>
                    )}
                </span>
            </div>
        </Notice>
    )
}
