# كلمات محرّك الاستمارات. تبدأ كل رسالة عن إجابة بنص السؤال.

ports-form-required = { $label }: الإجابة مطلوبة
ports-form-name = { $label }: اكتب الاسم بحرف واحد على الأقل
ports-form-choice = { $label }: اختر إحدى الإجابات من القائمة
ports-form-phone = { $label }: اكتب رقم هاتف، مثل ‎020 123 456‎ أو ‎+255 20 123 456‎
ports-form-email = { $label }: اكتب عنوان بريد إلكتروني، مثل ‎name@example.org‎
ports-form-photo = { $label }: أرسل الصورة مرة أخرى، فلم نعثر على الصورة التي اخترتها
ports-form-photo-type = { $label }: اختر صورة من نوع JPEG أو PNG
ports-form-photo-large =
    { $label }: اختر صورة لا يتجاوز حجمها { $max ->
        [zero] الحد المسموح
        [one] ميغابايت واحدًا
        [two] ميغابايتين
        [few] { $max } ميغابايت
        [many] { $max } ميغابايت
       *[other] { $max } ميغابايت
    }
ports-form-photo-stored = الصورة محفوظة
ports-form-number = { $label }: اكتب عددًا صحيحًا، مثل 12
ports-form-number-shown = { $n }
ports-form-bounds = { $label }: اكتب عددًا من { $least } إلى { $most }
ports-form-date = { $label }: هذا التاريخ غير موجود في التقويم
ports-form-date-digits = { $label }: اكتب اليوم والشهر والسنة بالأرقام، مثل 20 ثم 6 ثم 1956
ports-form-date-year = { $label }: اكتب السنة أيضًا، أو اترك كل الخانات فارغة إن لم يُعرف شيء
ports-form-date-month = { $label }: اكتب الشهر أيضًا، أو اترك اليوم فارغًا إن كان الشهر غير معروف
ports-form-place = { $label }: اختر المكان أيضًا
ports-form-lines =
    { $label }: اكتب { $max ->
        [zero] دون أسطر
        [one] سطرًا واحدًا على الأكثر
        [two] سطرين على الأكثر
        [few] { $max } أسطر على الأكثر
        [many] { $max } سطرًا على الأكثر
       *[other] { $max } سطر على الأكثر
    }
ports-form-long =
    { $label }: اكتب { $max ->
        [zero] دون أحرف
        [one] حرفًا واحدًا على الأكثر
        [two] حرفين على الأكثر
        [few] { $max } أحرف على الأكثر
        [many] { $max } حرفًا على الأكثر
       *[other] { $max } حرف على الأكثر
    }
ports-form-characters = { $label }: احذف العلامات غير المرئية، مثل رموز التحكم
ports-form-type = { $label }: نوع القيمة غير صحيح
ports-form-not-asked = { $label }: لا يُطرح هذا السؤال مع بقية الإجابات، فلا تُجب عنه
ports-form-unknown = { $label }: لا يوجد حقل بهذا الاسم في الاستمارة
ports-form-object = يجب أن تكون الإجابات كائن JSON واحدًا
ports-form-yes = نعم
ports-form-no = لا
