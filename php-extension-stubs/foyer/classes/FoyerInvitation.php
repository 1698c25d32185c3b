<?php

declare(strict_types=1);

/** An operator writes to a visitor without a chat: as the web interface's own invitation, and the chat that comes of it is the operator's. */
final class FoyerInvitation
{
    /** Flags of an earlier invitation. */
    private const STALE = ['qinv', 'session_inv', 'lhcinv_exp', 'lhcnxt_ivt'];

    /** @param object $user erLhcoreClassModelUser */
    public function invite(int $visitorId, object $user, string $text): bool
    {
        $visitor = erLhcoreClassModelChatOnlineUser::fetch($visitorId);
        if (!is_object($visitor)) {
            return false;
        }
        $waiting = (int) $visitor->message_seen === 0 && (string) $visitor->operator_message !== '' && (int) $visitor->operator_user_id === (int) $user->id;
        $visitor->operator_message = $waiting ? $visitor->operator_message . "\n" . $text : $text;
        $visitor->operator_user_id = $user->id;
        $visitor->message_seen = 0;
        $visitor->invitation_id = -1;
        $flags = json_decode((string) $visitor->online_attr_system, true);
        $flags = array_diff_key(is_array($flags) ? $flags : [], array_flip(self::STALE));
        $flags['lhc_assign_to_me'] = 1;
        $visitor->online_attr_system_array = $flags;
        $visitor->online_attr_system = json_encode($flags);
        $visitor->conversion_id = $this->conversion($visitor)->id;
        $visitor->saveThis();
        erLhcoreClassChatEventDispatcher::getInstance()->dispatch('onlineuser.proactive_send_invitation', ['ou' => &$visitor]);
        return true;
    }

    /** For Live Helper Chat's statistics of invitations. */
    private function conversion(object $visitor): object
    {
        $class = 'erLhAbstractModelProactiveChatCampaignConversion';
        $open = [$class::INV_SEND, $class::INV_SHOWN, $class::INV_SEEN];
        $conversion = $class::findOne(['filterin' => ['invitation_status' => $open], 'filter' => ['vid_id' => $visitor->id]]);
        $conversion = is_object($conversion) ? $conversion : new $class();
        $conversion->vid_id = $visitor->id;
        $conversion->invitation_status = $class::INV_SEND;
        $conversion->ctime = time();
        $conversion->con_time = time();
        $conversion->department_id = $visitor->dep_id;
        $conversion->device_type = max(0, (int) $visitor->device_type - 1);
        $conversion->saveThis();
        return $conversion;
    }
}
