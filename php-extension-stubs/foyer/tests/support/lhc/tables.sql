-- The tables of Live Helper Chat that the extension touches, with the columns that it reads or writes.
CREATE TABLE lh_chat (
  id bigint(20) NOT NULL AUTO_INCREMENT, nick varchar(100) NOT NULL DEFAULT 'Visitor', status int(11) NOT NULL DEFAULT 0,
  status_sub int(11) NOT NULL DEFAULT 0, status_sub_sub int(11) NOT NULL DEFAULT 0, time int(11) NOT NULL DEFAULT 0, pnd_time int(11) NOT NULL DEFAULT 0,
  user_typing int(11) NOT NULL DEFAULT 0, user_typing_txt varchar(200) NOT NULL DEFAULT '', operator_typing int(11) NOT NULL DEFAULT 0,
  operator_typing_id int(11) NOT NULL DEFAULT 0,
  cls_time int(11) NOT NULL DEFAULT 0, user_id int(11) NOT NULL DEFAULT 0, hash varchar(40) NOT NULL DEFAULT '', dep_id int(11) NOT NULL DEFAULT 1,
  online_user_id int(11) NOT NULL DEFAULT 0, email varchar(100) NOT NULL DEFAULT '', phone varchar(100) NOT NULL DEFAULT '',
  country_name varchar(100) NOT NULL DEFAULT '', referrer text NOT NULL DEFAULT '', chat_locale varchar(10) NOT NULL DEFAULT '',
  chat_locale_to varchar(10) NOT NULL DEFAULT '', chat_variables text NOT NULL DEFAULT '', operation text NOT NULL DEFAULT '',
  operation_admin varchar(200) NOT NULL DEFAULT '', last_msg_id int(11) NOT NULL DEFAULT 0, last_user_msg_time int(11) NOT NULL DEFAULT 0,
  last_op_msg_time int(11) NOT NULL DEFAULT 0, has_unread_messages int(11) NOT NULL DEFAULT 0, has_unread_op_messages int(11) NOT NULL DEFAULT 0,
  unread_op_messages_informed int(11) NOT NULL DEFAULT 0, user_status int(11) NOT NULL DEFAULT 0, wait_time int(11) NOT NULL DEFAULT 0,
  usaccept int(11) NOT NULL DEFAULT 0, support_informed int(11) NOT NULL DEFAULT 0, PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE lh_msg (
  id bigint(20) unsigned NOT NULL AUTO_INCREMENT, msg longtext NOT NULL, meta_msg longtext NOT NULL DEFAULT '', time int(11) NOT NULL DEFAULT 0,
  chat_id int(11) NOT NULL DEFAULT 0, user_id int(11) NOT NULL DEFAULT 0, name_support varchar(100) NOT NULL DEFAULT '',
  del_st tinyint(1) unsigned NOT NULL DEFAULT 0, PRIMARY KEY (id), KEY chat_id_id (chat_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE lh_chat_online_user (
  id bigint(20) unsigned NOT NULL AUTO_INCREMENT, vid varchar(50) NOT NULL DEFAULT '', current_page text NOT NULL DEFAULT '', page_title varchar(250) NOT NULL DEFAULT '',
  referrer text NOT NULL DEFAULT '', chat_id bigint(20) NOT NULL DEFAULT 0, dep_id int(11) NOT NULL DEFAULT 0, user_agent text NOT NULL DEFAULT '',
  user_country_name varchar(50) NOT NULL DEFAULT '', city varchar(100) NOT NULL DEFAULT '', total_visits int(11) NOT NULL DEFAULT 1,
  pages_count int(11) NOT NULL DEFAULT 1, device_type tinyint(1) NOT NULL DEFAULT 0, operator_message text NOT NULL DEFAULT '',
  operator_user_id int(11) NOT NULL DEFAULT 0, message_seen int(11) NOT NULL DEFAULT 0, invitation_id int(11) NOT NULL DEFAULT 0,
  conversion_id int(11) NOT NULL DEFAULT 0, reopen_chat int(11) NOT NULL DEFAULT 0, online_attr text NOT NULL DEFAULT '',
  online_attr_system text NOT NULL DEFAULT '', PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE lh_abstract_proactive_chat_campaign_conv (
  id bigint(20) NOT NULL AUTO_INCREMENT, vid_id bigint(20) NOT NULL DEFAULT 0, invitation_status tinyint(1) NOT NULL DEFAULT 0, ctime int(11) NOT NULL DEFAULT 0,
  con_time int(11) NOT NULL DEFAULT 0, department_id int(11) NOT NULL DEFAULT 0, device_type tinyint(11) NOT NULL DEFAULT 0, PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE lh_users (
  id int(11) NOT NULL AUTO_INCREMENT, username varchar(80) NOT NULL, email varchar(100) NOT NULL DEFAULT '', name varchar(100) NOT NULL DEFAULT '',
  surname varchar(100) NOT NULL DEFAULT '', chat_nickname varchar(100) NOT NULL DEFAULT '', hide_online tinyint(1) NOT NULL DEFAULT 0,
  invisible_mode tinyint(1) NOT NULL DEFAULT 0, disabled tinyint(4) NOT NULL DEFAULT 0, max_active_chats int(11) NOT NULL DEFAULT 0, PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE lh_userdep (
  id int(11) NOT NULL AUTO_INCREMENT, user_id int(11) NOT NULL, dep_id int(11) NOT NULL, last_activity int(11) NOT NULL DEFAULT 0,
  hide_online int(11) NOT NULL DEFAULT 0, always_on tinyint(1) NOT NULL DEFAULT 0, ro tinyint(1) NOT NULL DEFAULT 0, PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE lh_departament (id int(11) NOT NULL AUTO_INCREMENT, name varchar(100) NOT NULL, disabled int(11) NOT NULL DEFAULT 0, PRIMARY KEY (id))
  ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE lh_chat_config (identifier varchar(50) NOT NULL, value text NOT NULL, type tinyint(1) NOT NULL DEFAULT 0, `explain` varchar(250) NOT NULL DEFAULT '',
  hidden int(11) NOT NULL DEFAULT 0, PRIMARY KEY (identifier)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE lh_rolefunction (id int(11) NOT NULL AUTO_INCREMENT, role_id int(11) NOT NULL, type tinyint(1) unsigned NOT NULL DEFAULT 0, module varchar(100) NOT NULL,
  `function` varchar(100) NOT NULL, limitation text NOT NULL, PRIMARY KEY (id)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE lh_group (id int(11) NOT NULL AUTO_INCREMENT, name varchar(50) NOT NULL, disabled tinyint(1) NOT NULL DEFAULT 0, PRIMARY KEY (id))
  ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE lh_grouprole (id int(11) NOT NULL AUTO_INCREMENT, group_id int(11) NOT NULL, role_id int(11) NOT NULL, PRIMARY KEY (id)) ENGINE=InnoDB;
CREATE TABLE lh_groupuser (id int(11) NOT NULL AUTO_INCREMENT, group_id int(11) NOT NULL, user_id int(11) NOT NULL, PRIMARY KEY (id)) ENGINE=InnoDB;
CREATE TABLE lh_group_chat (
  id bigint(20) NOT NULL AUTO_INCREMENT, name varchar(50) NOT NULL, status int(11) NOT NULL DEFAULT 0, time int(11) NOT NULL DEFAULT 0, user_id int(11) NOT NULL DEFAULT 0,
  chat_id bigint(20) NOT NULL DEFAULT 0, last_msg_op_id bigint(20) NOT NULL DEFAULT 0, last_msg varchar(200) NOT NULL DEFAULT '', last_user_msg_time int(11) NOT NULL DEFAULT 0,
  last_msg_id bigint(20) NOT NULL DEFAULT 0, type tinyint(1) NOT NULL DEFAULT 0, tm int(11) NOT NULL DEFAULT 0, PRIMARY KEY (id), KEY chat_id (chat_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE lh_group_msg (
  id bigint(20) NOT NULL AUTO_INCREMENT, msg longtext NOT NULL, time int(11) NOT NULL DEFAULT 0, chat_id int(11) NOT NULL DEFAULT 0, user_id int(11) NOT NULL DEFAULT 0,
  name_support varchar(100) NOT NULL DEFAULT '', meta_msg longtext NOT NULL DEFAULT '', PRIMARY KEY (id), KEY chat_id_id (chat_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE lh_group_chat_member (
  id bigint(20) NOT NULL AUTO_INCREMENT, user_id bigint(20) NOT NULL, group_id bigint(20) NOT NULL, last_activity int(11) NOT NULL DEFAULT 0,
  last_msg_id bigint(20) NOT NULL DEFAULT 0, type tinyint(1) NOT NULL DEFAULT 0, jtime int(11) NOT NULL DEFAULT 0, PRIMARY KEY (id), KEY group_id (group_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
